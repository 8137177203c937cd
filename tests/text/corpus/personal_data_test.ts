/** Forms that must be masked, and look-alikes that must stay. */
import assert from "node:assert/strict";
import {
  maskPersonalData,
  personalDataMask,
} from "../../../lib/text/corpus/personal_data.ts";
import { documentOf } from "./in_corpus.ts";

// 529.982.247-25 is the usual example of valid check digits.
const MASKED: [string, string][] = [
  ["CPF 529.982.247-25.", "CPF [CPF]."],
  ["CPF 111.222.333-44", "CPF [CPF]"], // written as one, whatever it adds up to
  ["(52998224725)", "([CPF])"],
  ["Escreva a ana.silva+1@exemplo.com.br, já", "Escreva a [E-MAIL], já"],
  ["<josé@são-paulo.org>", "<[E-MAIL]>"],
  ["ligue (11) 98765-4321!", "ligue [TELEFONE]!"],
  ["+55 11 98765-4321 ou +5521987654321", "[TELEFONE] ou [TELEFONE]"],
  ["21 3456-7890, 99876-5432", "[TELEFONE], [TELEFONE]"],
  ["(061) 3333 4444", "[TELEFONE]"],
  ["de 200.147.67.142 para", "de [IP] para"],
  ["em 2804:14c:65d6:4000::1.", "em [IP]."],
];

const KEPT = [
  "Sequência 12345678901", // eleven digits that do not add up
  "00000000000",
  "guerra de 1939-1945, 1998-2004",
  "Lei 8.078/1990, art. 5º, R$ 1.234.567,89",
  "versão 1.2.3 e 300.1.2.3, localhost 127.0.0.1, rede 192.168.0.1, ::1",
  "às 10:20:30 do dia 12/05/2020",
  "CNPJ 11.222.333/0001-81",
  "conta 12345-6, processo 1234567-89.2020.1.23.4567",
  "arroba @nome, fim@, ISBN 978-85-359-0277-1",
];

Deno.test("maskPersonalData() masks numbers, addresses and telephones", () => {
  for (const [text, masked] of MASKED) {
    assert.equal(maskPersonalData(text).text, masked);
  }
});

Deno.test("maskPersonalData() leaves what only looks alike", () => {
  for (const text of KEPT) assert.equal(maskPersonalData(text).text, text);
});

Deno.test("maskPersonalData() counts by kind and takes other masks", () => {
  const text = "a@b.com c@d.com 529.982.247-25 200.1.2.3";
  assert.deepEqual(maskPersonalData(text, { email: "*", cpf: "#" }), {
    text: "* * # 200.1.2.3",
    counts: { email: 2, cpf: 1, ip: 0, phone: 0 },
  });
  const filter = personalDataMask();
  assert.deepEqual(filter.judge(documentOf("a@b.com")), { text: "[E-MAIL]" });
});

Deno.test("maskPersonalData() takes linear time on a line without spaces", () => {
  for (const piece of ["a", "1", "a.", "1.", ":a", "@"]) {
    const text = piece.repeat(500_000);
    maskPersonalData(text); // quadratic work would not end
  }
});
