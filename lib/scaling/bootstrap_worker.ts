/**
 * A thread of a bootstrap: does the one job that it is started with.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { type BootstrapJob, fitResamples } from "./bootstrap_job.ts";

parentPort!.postMessage(fitResamples(workerData as BootstrapJob));
