/**
 * Floor 10: the only place that knows Jupyter, and runs as they are seen, in
 * a notebook and in a terminal. Notebooks import it as "caderno/notebook".
 *
 * @module
 */
export { setup, type SetupOptions } from "./setup.ts";
export type { Environment } from "./environment.ts";
export { DisplayHandle, show } from "./show.ts";
export { Table, table, type TableOptions } from "./table.ts";
export { Markdown, markdown, quoted } from "./markdown.ts";
export {
  ChatPanel,
  chatPanel,
  type ChatPanelOptions,
  showReply,
  type ShowReplyOptions,
} from "./chat_panel.ts";
export { progress, ProgressLine } from "./progress_line.ts";
export {
  EnergyPanel,
  energyPanel,
  EnergyPanelView,
  type PanelTracker,
} from "./energy_panel.ts";
export { RunView, runView, type RunViewOptions } from "./run_view.ts";
export { watchRun } from "./watch_run.ts";
export { followRun, type RunNews } from "./follow_run.ts";
export { type ListedRun, listRuns, readRunLog } from "./run_list.ts";
export { type RunFacts, RunStatus } from "./run_status.ts";
export { devicePeak, meterLabels, readRunFacts } from "./run_facts.ts";
export { type RunState } from "./run_state.ts";
export { holdRun } from "./run_lock.ts";
export { runLines, type TerminalSize } from "./run_rows.ts";
export { TerminalScreen } from "./terminal_screen.ts";
export { interrupted } from "./interrupt.ts";
export { type Displayable, escapeHtml, type MediaBundle } from "./jupyter.ts";
export { PLOTLY_MIME } from "./figure_bundle.ts";
export { PLOTLY_CONFIG, plotlySource, scriptJson } from "./plotly_script.ts";
export { figurePng, figureSvg } from "./render.ts";
