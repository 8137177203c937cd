/**
 * Small Debian packages in the forms of the real ones, built where dpkg is.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** Files of two small packages, by their paths. */
const PACKAGES: Record<string, Record<string, string | Uint8Array>> = {
  "manpages-pt-br": {
    "usr/share/man/pt_BR/man1/cat.1.gz": gzipSync(
      ".SH NOME\ncat \\- concatena arquivos e imprime para a saída padrão\n",
    ),
    "usr/share/man/man1/cat.1.gz": gzipSync(".SH NAME\nenglish\n"),
    "usr/share/doc/manpages-pt-br/copyright": "Licence: GPL-3+\n",
  },
  "fortunes-br": {
    "usr/share/games/fortunes/brasil":
      "Porque a galinha atravessa a rua?\n%\nOutra frase, bem mais comprida.\n%\n",
    "usr/share/games/fortunes/brasil.dat": "x",
  },
};

/** Whether a program can be run on this machine. */
export async function hasTool(name: string): Promise<boolean> {
  try {
    return (await new Deno.Command(name, {
      args: ["--version"],
      stdout: "null",
      stderr: "null",
    }).output()).success;
  } catch {
    return false;
  }
}
/** Whether packages can be built and unpacked. */
export const hasDpkg = await hasTool("dpkg-deb");

/** Builds manpages-pt-br and fortunes-br as `.deb` files. */
export async function buildPackages(folder: string): Promise<void> {
  for (const [name, files] of Object.entries(PACKAGES)) {
    const tree = join(folder, `${name}.tree`);
    const control = `Package: ${name}\nVersion: 1\nArchitecture: all\n` +
      "Maintainer: nobody <nobody@example.org>\nDescription: test\n";
    const all = { ...files, "DEBIAN/control": control };
    for (const [path, content] of Object.entries(all)) {
      const whole = join(tree, path);
      await Deno.mkdir(dirname(whole), { recursive: true });
      if (typeof content === "string") await Deno.writeTextFile(whole, content);
      else await Deno.writeFile(whole, content);
    }
    const { success } = await new Deno.Command("dpkg-deb", {
      args: ["-b", tree, join(folder, `${name}_1_all.deb`)],
      stdout: "null",
    }).output();
    assert.ok(success);
  }
}
