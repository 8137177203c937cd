/** The lock of one machine, held by this process and by ones that are killed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { claimHost, describeHolder } from "../../lib/emissions/host_claim.ts";
import { exists } from "../../lib/util/mod.ts";
import { inFolder } from "../support/in_folder.ts";

const holder = (project: string) => ({
  pid: Deno.pid,
  project,
  since: "2024-01-03T13:51:28.000Z",
});

Deno.test("claimHost() is given to one at a time", () =>
  inFolder(async (folder) => {
    const path = join(folder, "host.lock");
    const first = await claimHost(holder("first"), path);
    const second = await claimHost(holder("second"), path);
    assert.equal(first.isOurs, true);
    assert.equal(second.isOurs, false);
    assert.deepEqual(second.holder, holder("first"));
    second[Symbol.dispose](); // gives back what it never had
    assert.equal((await claimHost(holder("third"), path)).isOurs, false);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    using after = await claimHost(holder("after"), path);
    assert.equal(after.isOurs, true);
  }));

Deno.test("claimHost() is not stopped by a file that a killed process left", () =>
  inFolder(async (folder) => {
    const path = join(folder, "host.lock");
    const library = new URL(
      "../../lib/emissions/host_claim.ts",
      import.meta.url,
    );
    const script = join(folder, "holder.ts");
    await Deno.writeTextFile(
      script,
      `import { claimHost } from ${JSON.stringify(library.href)};
       const holder = { pid: Deno.pid, project: "killed", since: "then" };
       await claimHost(holder, ${JSON.stringify(path)});
       console.log("held");
       await new Promise((resolve) => setTimeout(resolve, 60_000));`,
    );
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", `--config=${config}`, script],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    const during = await claimHost(holder("during"), path);
    assert.equal(during.isOurs, false);
    assert.equal(during.holder?.pid, child.pid);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    assert.ok(await exists(path), "the file is still there");
    using after = await claimHost(holder("after"), path);
    assert.equal(after.isOurs, true);
    assert.deepEqual(
      JSON.parse(await Deno.readTextFile(path)),
      holder("after"),
    );
  }));

Deno.test("claimHost() is ours where no file can be made", async () => {
  using claim = await claimHost(holder("alone"), "/nowhere/host.lock");
  assert.equal(claim.isOurs, true);
});

Deno.test("claimHost() does not write through a link", () =>
  inFolder(async (folder) => {
    const other = join(folder, "precious");
    await Deno.writeTextFile(other, "keep me");
    const path = join(folder, "host.lock");
    await Deno.symlink(other, path);
    using claim = await claimHost(holder("alone"), path);
    assert.equal(claim.isOurs, true);
    assert.equal(await Deno.readTextFile(other), "keep me");
  }));

Deno.test("describeHolder() names the process, or says that it cannot", () =>
  inFolder(async (folder) => {
    assert.match(
      describeHolder(holder("run")),
      /^process \d+ \("run", since 2024-01-03T13:51:28.000Z\)$/,
    );
    const path = join(folder, "host.lock");
    using first = await claimHost(holder("first"), path);
    assert.ok(first.isOurs);
    await Deno.writeTextFile(path, "half a rec");
    const second = await claimHost(holder("second"), path);
    assert.equal(second.isOurs, false, "damaged text opens no lock");
    assert.equal(describeHolder(second.holder), "another process");
  }));
