/**
 * Measured energy of a whole laptop: what its batteries give while no mains is
 * plugged in, below `/sys/class/power_supply`. It holds screen and disk too,
 * and takes the place of all other meters, which would be counted twice.
 *
 * While a battery charges or is full there is no reading, which is not 0 W.
 * Source: Linux, "ABI/testing/sysfs-class-power".
 *
 * @module
 */
import { DeviceError } from "../util/mod.ts";
import { type EnergyMeter, METER_START } from "./energy_meter.ts";
import type { SystemFiles } from "./host_facts.ts";
import type { Seconds, Watts } from "./units.ts";

const FOLDER = "sys/class/power_supply";

/** Text of a file of the kernel, or undefined when there is none. */
type Reader = (name: string) => Promise<string | undefined>;

/**
 * Opens the batteries of this machine.
 *
 * @throws {DeviceError} when there is none, or mains is plugged in
 */
export async function openBatteryMeter(
  files: SystemFiles,
): Promise<EnergyMeter> {
  const names = await findBatteries(files);
  const readers = names.map((name): Reader => (file) =>
    files.read(`${FOLDER}/${name}/${file}`).then(
      (text) => text.trim(),
      () => undefined,
    )
  );
  if (await dischargePower(readers) === undefined) {
    throw new DeviceError(
      `Cannot meter by battery: ${names.join(", ")} does not discharge; ` +
        "unplug the mains",
    );
  }
  let last: { now: Seconds; watts: Watts } | undefined;
  return {
    part: "machine",
    label: "measured",
    method: `discharge of ${names.join(" + ")}, screen and disk included`,
    async read(now) {
      const watts = await dischargePower(readers);
      const before = last;
      // Time on mains is not covered: the next reading begins anew.
      last = watts === undefined ? undefined : { now, watts };
      if (watts === undefined) return undefined;
      if (!before) return METER_START;
      const seconds = now - before.now;
      return { joules: (before.watts + watts) / 2 * seconds, seconds };
    },
  };
}

/** Names of the batteries that feed the machine: not those of mice. */
async function findBatteries(files: SystemFiles): Promise<string[]> {
  const found: string[] = [];
  for (const name of await files.list(FOLDER).catch(() => [])) {
    const [type, scope] = await Promise.all(
      ["type", "scope"].map((file) =>
        files.read(`${FOLDER}/${name}/${file}`).catch(() => "")
      ),
    );
    if (type!.trim() === "Battery" && scope!.trim() !== "Device") {
      found.push(name);
    }
  }
  if (found.length > 0) return found;
  throw new DeviceError(
    `Cannot meter by battery: /${FOLDER} lists no battery of this machine`,
  );
}

/**
 * Power of all batteries; undefined unless one discharges and none charges. A
 * second battery that waits gives 0 W, which is a reading.
 */
async function dischargePower(
  readers: readonly Reader[],
): Promise<Watts | undefined> {
  let sum: Watts = 0, isDischarging = false;
  for (const read of readers) {
    const status = await read("status");
    if (status === "Charging" || status === undefined) return undefined;
    if (status !== "Discharging") continue;
    const watts = await batteryPower(read);
    if (watts === undefined) return undefined;
    isDischarging = true;
    sum += watts;
  }
  return isDischarging ? sum : undefined;
}

/** `power_now` in µW, or current in µA times voltage in µV. */
async function batteryPower(read: Reader): Promise<Watts | undefined> {
  const power = amount(await read("power_now"));
  if (power !== undefined) return power / 1e6;
  const current = amount(await read("current_now"));
  const voltage = amount(await read("voltage_now"));
  return current === undefined || voltage === undefined
    ? undefined
    : current * voltage / 1e12;
}

/** Some drivers give a negative sign to what flows out. */
function amount(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+$/.test(text)
    ? Math.abs(Number(text))
    : undefined;
}
