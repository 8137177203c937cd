/**
 * Floor 8: the only place that knows Jupyter. Notebooks import it as
 * "caderno/notebook".
 *
 * @module
 */
export { setup, type SetupOptions } from "./setup.ts";
export type { Environment } from "./environment.ts";
export { DisplayHandle, show } from "./show.ts";
export { Table, table, type TableOptions } from "./table.ts";
export { Markdown, markdown } from "./markdown.ts";
export { progress, ProgressLine } from "./progress_line.ts";
export {
  EnergyPanel,
  energyPanel,
  EnergyPanelView,
  type PanelTracker,
} from "./energy_panel.ts";
export { interrupted } from "./interrupt.ts";
export { type Displayable, escapeHtml, type MediaBundle } from "./jupyter.ts";
export { PLOTLY_MIME } from "./figure_bundle.ts";
export { PLOTLY_CONFIG, plotlySource, scriptJson } from "./plotly_script.ts";
export { figurePng, figureSvg } from "./render.ts";
