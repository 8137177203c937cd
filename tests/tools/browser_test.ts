/**
 * What a person sees, in a real browser: the gallery from its file without a
 * network, and a notebook in Jupyter. Both need programs that not every machine
 * has; where they are missing the tests skip and say so.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { fontFiles } from "../../lib/notebook/font_metrics.ts";
import { plainFigure } from "../../lib/notebook/figure_json.ts";
import { figureSvg, plotlySource } from "../../lib/notebook/mod.ts";
import {
  axisTitle,
  type Figure,
  figure,
  logAxis,
} from "../../lib/plots/mod.ts";
import { writeGallery } from "../../tools/notebooks/gallery.ts";
import { writeKernelspec } from "../../tools/notebooks/kernelspec.ts";
import { runNotebook } from "../../tools/notebooks/runner.ts";
import { assertClose } from "../support/assert_close.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const fixture = join(root, "tests/fixtures/figures.ipynb");
/** Figures in that notebook. */
const NUM_FIGURES = 5;

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function onPath(name: string): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.map((folder) => join(folder, name)).find(isThere);
}

const browserPath = Deno.env.get("CADERNO_CHROMIUM") ??
  ["chromium", "google-chrome", "chromium-browser"].map(onPath)
    .find((path) => path !== undefined);
const hasJupyter = onPath("jupyter-notebook") !== undefined;

/** A test with a browser; `needs` says what is missing, when something is. */
function browserTest(
  name: string,
  needs: string | undefined,
  fn: (page: Page, folder: string) => Promise<void>,
): void {
  const missing = browserPath === undefined ? "no Chromium" : needs;
  Deno.test({
    name: missing ? `${name} (skipped: ${missing})` : name,
    ignore: missing !== undefined,
    // The driver keeps handles of its own past close().
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      const browser: Browser = await chromium.launch({
        executablePath: browserPath!,
        args: ["--no-sandbox", "--disable-gpu"], // for root and for no screen
      });
      try {
        await fn(await browser.newPage(), folder);
      } finally {
        await browser.close();
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

browserTest(
  "gallery draws every figure offline, without an error",
  undefined,
  async (page, folder) => {
    const { notebook } = await runNotebook(fixture, {
      parameters: { numPoints: 12 },
    });
    const file = join(folder, "index.html");
    await writeGallery(file, [{ path: fixture, notebook }]);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("request", (request) => {
      if (/^https?:/.test(request.url())) problems.push(request.url());
    });
    await page.context().setOffline(true);
    await page.goto(pathToFileURL(file).href);
    for (const figure of await page.locator(".figure").all()) {
      await figure.scrollIntoViewIfNeeded();
      await figure.locator(".main-svg").first().waitFor();
    }
    assert.equal(await page.locator(".js-plotly-plot").count(), NUM_FIGURES);
    assert.ok(await page.locator("math").count() >= 2);
    assert.equal(await page.locator("td").count(), 6);
    assert.deepEqual(problems, []);
  },
);

/** Texts of a drawing with all numbers that place them. */
function placedTexts(svg: string): { text: string; place: number[] }[] {
  return [...svg.matchAll(/<text\b([^>]*)>(.*?)<\/text>/g)].map(
    ([, attributes = "", inner = ""]) => ({
      text: inner.replace(/<[^>]*>/g, ""),
      place: ["x", "y", "transform"].flatMap((name) => {
        const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1];
        return (value?.match(/-?[\d.]+/g) ?? []).map(Number);
      }),
    }),
  );
}

const steps = [0, 1, 2, 3, 4, 5, 6];
const FIGURES: Record<string, Figure> = {
  "titles, legend and note": figure([
    { name: "treino (média)", x: steps, y: steps },
    { name: "valid", x: steps, y: steps.map((t) => t * t) },
  ], {
    title: { text: "Loss, <b>bold</b>" },
    xaxis: axisTitle("step"),
    yaxis: axisTitle("loss (nats/token)"),
    annotations: [{ x: 3, y: 9, text: "two<br>lines", ax: 40, ay: -40 }],
  }),
  "decades": figure([{ x: [1e3, 1e6, 1e9], y: [1, 10, 1e4] }], {
    xaxis: logAxis("tokens"),
    yaxis: logAxis("cost"),
  }),
  "colour bar": figure([
    {
      type: "heatmap",
      z: [steps, steps.toReversed()],
      colorbar: { title: { text: "weight" } },
    },
  ], { xaxis: axisTitle("key") }),
  "long labels": figure([
    {
      type: "bar",
      orientation: "h",
      y: ["alimentação de dados", "b"],
      x: [1, 2],
    },
  ]),
};

browserTest(
  "figureSvg() puts every text where a browser puts it",
  undefined,
  async (page) => {
    const faces = fontFiles().map((path, i) =>
      `@font-face { font-family: "DejaVu Sans"; font-weight: ${400 + 300 * i};
      src: url(data:font/ttf;base64,${Deno.readFileSync(path).toBase64()}) }`
    );
    await page.setContent(
      `<style>${faces.join("")} * { font-family: "DejaVu Sans" }</style>` +
        "<p>a <b>b</b></p>",
    );
    await page.evaluate("document.fonts.ready.then(() => undefined)");
    await page.addScriptTag({ content: await plotlySource() });
    for (const [name, drawn] of Object.entries(FIGURES)) {
      const options = {
        format: "svg",
        imageDataOnly: true,
        width: 720,
        height: 420,
      };
      const wanted = placedTexts(
        await page.evaluate(
          `Plotly.toImage(${JSON.stringify(plainFigure(drawn))}, ${
            JSON.stringify(options)
          })`,
        ),
      );
      const got = placedTexts(await figureSvg(drawn));
      assert.deepEqual(
        got.map(({ text }) => text),
        wanted.map(({ text }) => text),
        name,
      );
      for (const [i, { text, place }] of got.entries()) {
        // A browser kerns and rounds; measured: 1 px in 700 at the most.
        assertClose(place, wanted[i]!.place, { atol: 1.5, name: text });
      }
    }
  },
);

/** A free port of this machine. */
function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

/** Jupyter Notebook on a folder, until disposed of. */
async function startJupyter(
  folder: string,
): Promise<{ url: string } & AsyncDisposable> {
  const url = `http://127.0.0.1:${freePort()}`;
  const process = new Deno.Command("jupyter", {
    args: [
      "notebook",
      "--no-browser",
      "--allow-root",
      "--ip=127.0.0.1",
      `--port=${new URL(url).port}`,
      "--NotebookApp.token=",
      "--NotebookApp.password=",
      `--notebook-dir=${folder}`,
    ],
    env: {
      JUPYTER_PATH: await writeKernelspec(root),
      PYDEVD_DISABLE_FILE_VALIDATION: "1",
    },
    stdout: "null",
    stderr: "null",
  }).spawn();
  for (let i = 0; i < 300; i++) {
    const isUp = await fetch(`${url}/api`).then((r) => r.text()).then(
      () => true,
      () => false,
    );
    if (isUp) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      process.kill("SIGTERM");
      await process.status;
    },
  };
}

browserTest(
  "notebook draws every figure in Jupyter",
  hasJupyter ? undefined : "no jupyter-notebook",
  async (page) => {
    await using jupyter = await startJupyter(join(root, "tests/fixtures"));
    await page.goto(`${jupyter.url}/notebooks/figures.ipynb`);
    await page.waitForFunction(
      "window.Jupyter?.notebook?.kernel?.is_connected()",
    );
    await page.evaluate("Jupyter.notebook.execute_all_cells()");
    // Waits for the last cell, whose Markdown is bold; figures may come later.
    await page.locator(".output_markdown strong").waitFor();
    await page.waitForFunction(
      `document.querySelectorAll(".js-plotly-plot > .plot-container").length
        === ${NUM_FIGURES}`,
    );
    assert.equal(await page.locator(".output_error").count(), 0);
    assert.equal(await page.locator("td").count(), 6);
    // Leave the file as it was: nothing is saved, the kernel is ended.
    await page.evaluate("Jupyter.notebook.session.delete()");
  },
);
