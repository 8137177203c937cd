/**
 * A run that was started elsewhere, live in a notebook.
 *
 * @module
 */
import { followRun } from "./follow_run.ts";
import { readRunFacts } from "./run_facts.ts";
import { RunView, type RunViewOptions } from "./run_view.ts";

/**
 * Shows the run of a folder and follows its log until it is over or `signal`
 * is aborted. It can be called again at any time.
 *
 * @throws {DataError} when the folder holds no `config.json`
 * @throws {FormatError} when a file is damaged
 *
 * @example
 * ```ts
 * await watchRun("../runs/stories", { signal: interrupted() });
 * ```
 */
export async function watchRun(
  folder: string,
  { signal, ...options }: RunViewOptions & { readonly signal?: AbortSignal } =
    {},
): Promise<RunView> {
  const view = new RunView(await readRunFacts(folder), options);
  await view.show();
  for await (const news of followRun(folder, { signal })) {
    view.status.facts = news.status.facts;
    for (const record of news.records) view.add(record);
    view.update(news.state);
  }
  return view;
}
