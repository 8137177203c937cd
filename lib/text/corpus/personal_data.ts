/**
 * Masks what points to a person: CPF numbers, e-mail addresses, Brazilian
 * telephone numbers, public IP addresses. Patterns find forms, not people: a
 * name or a street stays, and a number that only looks like a telephone goes.
 *
 * @module
 */
import { isIPv4, isIPv6 } from "node:net";
import type { CorpusFilter } from "./filter.ts";

/** What is masked. */
export type PersonalDataKind = "email" | "cpf" | "ip" | "phone";

/** What stands in the text instead. */
export const PERSONAL_DATA_MASKS: Readonly<Record<PersonalDataKind, string>> = {
  email: "[E-MAIL]",
  cpf: "[CPF]",
  ip: "[IP]",
  phone: "[TELEFONE]",
};

/** Bounded, so that a line of a million letters takes linear time. */
const EMAIL =
  /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}])/gu;
const CPF =
  /(?<![\d.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)|(?<![\d.,-])\d{11}(?!\d)/g;
const IP_V4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)/g;
const IP_V6 = /(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi;
/**
 * With area code and a separator, with +55, or a mobile number of nine digits
 * with a hyphen. Four digits, hyphen, four digits alone are a span of years.
 */
const PHONE =
  /(?<![\d.,/-])(?:(?:\+55[ .-]?)?(?:\(0?[1-9]\d\)|0?[1-9]\d)[ .-]?9?[ .]?\d{4}[ .-]\d{4}|\+55[ .-]?\(?[1-9]\d\)?[ .-]?9?\d{8}|9\d{4}-\d{4})(?![\d/]|[.-]\d)/g;

/** The two check digits of a CPF (Receita Federal): weights 10..2 and 11..2. */
function isCpf(digits: string): boolean {
  if (/^(\d)\1{10}$/.test(digits)) return false; // 111.111.111-11
  const checkDigit = (length: number) => {
    let sum = 0;
    for (let i = 0; i < length; i++) {
      sum += Number(digits[i]) * (length + 1 - i);
    }
    return sum * 10 % 11 % 10;
  };
  return checkDigit(9) === Number(digits[9]) &&
    checkDigit(10) === Number(digits[10]);
}

/** Networks that lead to nobody: private, loopback, link-local, unspecified. */
function isPublicIp(address: string): boolean {
  if (isIPv4(address)) {
    const [a, b] = address.split(".").map(Number) as [number, number];
    return !(a === 0 || a === 10 || a === 127 || a >= 224 ||
      (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) ||
      (a === 169 && b === 254));
  }
  return isIPv6(address) && !/^(::1?$|f[cd]|fe[89ab])/i.test(address);
}

const FINDERS: Readonly<
  Record<
    PersonalDataKind,
    { pattern: RegExp; isOne: (found: string) => boolean }[]
  >
> = {
  email: [{ pattern: EMAIL, isOne: () => true }],
  cpf: [{
    pattern: CPF,
    // A number that is written as a CPF is one; bare digits must add up.
    isOne: (found) => found.includes(".") || isCpf(found),
  }],
  ip: [
    { pattern: IP_V4, isOne: isPublicIp },
    { pattern: IP_V6, isOne: isPublicIp },
  ],
  phone: [{ pattern: PHONE, isOne: () => true }],
};

/** A text with masks, and how many of each kind. */
export interface MaskedText {
  readonly text: string;
  readonly counts: Readonly<Record<PersonalDataKind, number>>;
}

/** Puts masks in place of personal data. */
export function maskPersonalData(
  text: string,
  masks: Readonly<Partial<Record<PersonalDataKind, string>>> =
    PERSONAL_DATA_MASKS,
): MaskedText {
  const counts = { email: 0, cpf: 0, ip: 0, phone: 0 };
  let masked = text;
  for (const kind of Object.keys(counts) as PersonalDataKind[]) {
    const mask = masks[kind];
    if (mask === undefined) continue;
    for (const { pattern, isOne } of FINDERS[kind]) {
      masked = masked.replace(pattern, (found) => {
        if (!isOne(found)) return found;
        counts[kind]++;
        return mask;
      });
    }
  }
  return { text: masked, counts };
}

/**
 * Masks personal data as a step of cleaning; nothing is dropped.
 *
 * @param masks what stands instead; a kind that is left out stays in the text
 */
export function personalDataMask(
  masks: Readonly<Partial<Record<PersonalDataKind, string>>> =
    PERSONAL_DATA_MASKS,
): CorpusFilter {
  return {
    name: "personal data",
    knobs: { masks },
    judge: ({ text }) => ({ text: maskPersonalData(text, masks).text }),
  };
}
