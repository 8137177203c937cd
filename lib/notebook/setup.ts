/**
 * The first line of each notebook: `await setup()`. It makes the kernel lose no
 * output, errors visible, the stop button harmless and figures alive. In a
 * script or a test it only says where it runs.
 *
 * @module
 */
import { type DeviceKind, openDevice } from "../device/mod.ts";
import { installCellEnd } from "./cell_end.ts";
import { cadernoVersion, Environment } from "./environment.ts";
import { listenToStopButton } from "./interrupt.ts";
import { broadcast, isNotebook, isStatic } from "./jupyter.ts";
import { plotlyLoader } from "./plotly_script.ts";
import { showUncaughtErrors } from "./uncaught.ts";

/** What `setup` can be told. */
export interface SetupOptions {
  /**
   * Opens a device for tensors, the best one there is or the one named, and
   * makes it the current one.
   */
  readonly device?: boolean | DeviceKind;
}

let isPrepared = false;

/**
 * Prepares the kernel, once however often it is called, and brings plotly.js
 * into the notebook (not when CADERNO_STATIC=1).
 *
 * @returns what the notebook runs on; it shows itself as one line
 * @throws {DeviceError} when the device that was asked for is not there
 */
export async function setup(options: SetupOptions = {}): Promise<Environment> {
  if (isNotebook()) {
    if (!isPrepared) {
      isPrepared = true;
      if (!installCellEnd()) {
        console.warn(
          `Deno ${Deno.version.deno} is not the one this was made for: ` +
            "outputs may be missing, and figures need `await show(figure)`",
        );
      }
      showUncaughtErrors();
      listenToStopButton();
    }
    if (!isStatic()) {
      await broadcast("display_data", {
        data: { "text/html": await plotlyLoader(), "text/plain": "" },
        metadata: {},
        transient: {},
      });
    }
  }
  const { device } = options;
  const opened = device
    ? await openDevice(device === true ? undefined : device)
    : undefined;
  return new Environment(await cadernoVersion(), opened?.description);
}
