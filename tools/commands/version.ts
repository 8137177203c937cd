/**
 * The version of the project, from its only place.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };

/** "0.1.0". */
export const cadernoVersion: string = config.version;
