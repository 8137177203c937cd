/**
 * Packages that are built here, in the forms of the real ones. What needs apt
 * or dpkg is tested where they are; that they are missing is tested anywhere.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { CorpusCleaner } from "../../../../lib/text/corpus/clean_corpus.ts";
import {
  DebianCorpus,
  debianFilters,
  downloadDebianPackages,
} from "../../../../lib/text/corpus/debian/debian_corpus.ts";
import { DEBIAN_PACKAGES } from "../../../../lib/text/corpus/debian/debian_packages.ts";
import { packageTexts } from "../../../../lib/text/corpus/debian/package_texts.ts";
import type { CorpusDocument } from "../../../../lib/text/corpus/document.ts";
import { DataError, FormatError } from "../../../../lib/util/mod.ts";
import { assertFails } from "../../../support/assert_close.ts";
import { inFolder } from "../../../support/in_folder.ts";
import { utf8 } from "../in_corpus.ts";
import { buildPackages, hasDpkg, hasTool } from "./build_packages.ts";

const rowOf = (name: string) => DEBIAN_PACKAGES.find((p) => p.name === name)!;

Deno.test({
  name: "DebianCorpus reads texts, licences and copyright of packages",
  ignore: !hasDpkg,
  fn: () =>
    inFolder(async (folder) => {
      await buildPackages(folder);
      const corpus = new DebianCorpus(DEBIAN_PACKAGES, folder);
      const documents: CorpusDocument[] = await Array.fromAsync(corpus);
      assert.deepEqual(
        documents.map(({ source, text }) => [source, text]),
        [
          [
            "manpages-pt-br",
            "NOME\n\ncat - concatena arquivos e imprime para a saída padrão",
          ],
          ["fortunes-br", "Porque a galinha atravessa a rua?"],
          ["fortunes-br", "Outra frase, bem mais comprida."],
        ],
      );
      assert.equal(
        documents[0]!.name,
        "manpages-pt-br/usr/share/man/pt_BR/man1/cat.1.gz",
      );
      assert.equal(documents[0]!.licence, rowOf("manpages-pt-br").licence);
      assert.deepEqual(corpus.copyrights, {
        "manpages-pt-br": "Licence: GPL-3+\n",
        "fortunes-br": "Licence: GPL-2+\n",
      });
      const cleaner = new CorpusCleaner(await debianFilters());
      const kept = await Array.fromAsync(cleaner.clean(documents));
      assert.equal(kept.length, 3);
      assert.doesNotMatch(kept[0]!.text, /NOME/); // a line under 25 letters
    }),
});

Deno.test({
  name: "DebianCorpus says which package is damaged or missing",
  ignore: !hasDpkg,
  fn: () =>
    inFolder(async (folder) => {
      const read = () =>
        Array.fromAsync(new DebianCorpus(DEBIAN_PACKAGES, folder));
      await assertFails(read, DataError, /holds none of libreoffice-help/);
      await Deno.writeTextFile(join(folder, "fortunes-br_1_all.deb"), "x");
      await assertFails(
        read,
        FormatError,
        /Cannot unpack .*fortunes-br_1_all\.deb: dpkg-deb/,
      );
    }),
});

Deno.test("Debian tools that are missing are an error with advice", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "fortunes-br_1_all.deb"), "x");
    const script = `
      import { DEBIAN_PACKAGES, DebianCorpus, downloadDebianPackages } from ${
      JSON.stringify(new URL("../../../../lib/text/mod.ts", import.meta.url))
    };
      for (const work of [
        () => downloadDebianPackages(DEBIAN_PACKAGES, ${
      JSON.stringify(folder)
    }),
        () => Array.fromAsync(new DebianCorpus(DEBIAN_PACKAGES, ${
      JSON.stringify(folder)
    })),
      ]) await work().catch((error) => console.log(error.name, error.message));
    `;
    const config = new URL("../../../../deno.json", import.meta.url).pathname;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--config", config, script],
      env: { PATH: folder },
    }).output();
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    assert.match(
      lines[0]!,
      /^DataError .*no apt-get on this machine.*debian:12/,
    );
    assert.match(lines[1]!, /^DataError .*no dpkg-deb on this machine/);
  }));

Deno.test({
  name: "downloadDebianPackages() says what apt-get said",
  ignore: !await hasTool("apt-get"),
  fn: () =>
    inFolder((folder) =>
      assertFails(
        () =>
          downloadDebianPackages([{
            ...rowOf("fortunes-br"),
            name: "caderno-no-such-package",
          }], folder),
        DataError,
        /apt-get: E: .*caderno-no-such-package.*"apt-get update"/,
      )
    ),
});

Deno.test("packageTexts() unwraps a book and cuts it at its chapters", () => {
  const book = `

1. Título
---------

     Um parágrafo que foi
     cortado.  Fim.

        * um item
          longo
        * outro

${"-".repeat(79)}

2. Ação
-------
Texto.
`;
  const latin1 = Uint8Array.from(book, (char) => char.charCodeAt(0));
  assert.deepEqual(
    packageTexts(rowOf("focalinux-text"), "index.txt.gz", gzipSync(latin1)),
    [
      "1. Título\n\nUm parágrafo que foi cortado. Fim.\n\n" +
      "* um item longo\n* outro",
      "2. Ação\n\nTexto.",
    ],
  );
});

Deno.test("packageTexts() takes prose of pages, not code and tables", () => {
  const page = "<title>T</title><table><tr><td>x</td></tr></table>" +
    "<p>Texto.</p><pre>código</pre>";
  assert.deepEqual(
    packageTexts(rowOf("gnome-user-docs"), "a.page", utf8(page)),
    ["T\n\nTexto."],
  );
});
