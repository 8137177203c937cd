/**
 * Floor 6: energy and carbon. Meters, a tracker, carbon intensities, reports,
 * and the replay of TeenyTinyLlama's published accounts. Pure numbers and
 * system files: no device, no tensors.
 *
 * @module
 */
export * from "./units.ts";
export * from "./intensity.ts";
export * from "./cloud_regions.ts";
export * from "./intensity_series.ts";
export * from "./energy_mix.ts";
export * from "./equivalences.ts";
export * from "./gpu_specs.ts";
export * from "./host_facts.ts";
export * from "./energy_meter.ts";
export * from "./meter_rapl.ts";
export * from "./meter_nvidia.ts";
export * from "./meter_nvml.ts";
export * from "./meter_powermetrics.ts";
export * from "./meter_battery.ts";
export * from "./cpu_power.ts";
export * from "./ram_power.ts";
export * from "./find_meters.ts";
export * from "./energy_reading.ts";
export * from "./what_if.ts";
export * from "./estimate_training.ts";
export * from "./embodied.ts";
export * from "./predict_energy.ts";
export * from "./published_footprints.ts";
export * from "./tracker_place.ts";
export * from "./track.ts";
export * from "./emissions_tracker.ts";
export * from "./meter_power.ts";
export * from "./codecarbon_csv.ts";
export * from "./emissions_report.ts";
export * from "./training_efficiency.ts";
export * from "./ttl_replay.ts";
export * from "./ttl_checkpoints.ts";
export { latestPower, type PowerPoint } from "./energy_ledger.ts";
