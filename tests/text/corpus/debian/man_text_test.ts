/** Manual pages against what `man` shows of them. */
import assert from "node:assert/strict";
import { manText } from "../../../../lib/text/corpus/debian/man_text.ts";

Deno.test("manText() gives headings and paragraphs", () => {
  const page = String.raw`.\" comentário
'\" t
.TH CAT 1 "Setembro de 2022" "GNU" "Comandos"
.SH NOME
cat \- concatena \(lqarquivos\(rq \[u00E0] toa
.SH "DUAS PALAVRAS"
\fBcat\fP [\fI\,OPÇÃO\/\fP]...
.PP
Um parágrafo
em duas linhas.\" fim
.TP
.B \-A
equivalente a
.BR \-vET (1)
.IP \(bu 2
Um item\ só.

Outro.
.SS Fim
c:\e\&.x \s-1PEQUENO\s0
`;
  assert.equal(
    manText(page),
    [
      "NOME",
      "cat - concatena “arquivos” à toa",
      "DUAS PALAVRAS",
      "cat [OPÇÃO]...",
      "Um parágrafo em duas linhas.",
      "-A equivalente a -vET(1)",
      "Um item só.",
      "Outro.",
      "Fim",
      "c:\\.x PEQUENO",
    ].join("\n\n"),
  );
});

Deno.test("manText() leaves out code, tables and ignored parts", () => {
  const page =
    ".PP\nAntes\n.nf\nint x;\n.fi\nMeio\n.TS\na b\n.TE\n.EX\nx\n.EE\n" +
    ".ig\nnada\n..\nDepois\n.xyz macro desconhecida\n";
  assert.equal(manText(page), "Antes\n\nMeio\n\nDepois");
  assert.equal(manText(""), "");
});
