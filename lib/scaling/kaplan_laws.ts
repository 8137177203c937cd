/**
 * The laws of Kaplan et al. 2020 (arXiv 2001.08361): loss by one cause alone
 * when all others are plenty. Their N leaves embeddings out; `reconcile.ts`
 * tells what that does to the best size.
 *
 * @module
 */
import { checkPositive } from "./checks.ts";

/** Law of one cause alone: (scale / x)^exponent, nats per token. */
export interface KaplanLaw {
  readonly scale: number;
  readonly exponent: number;
}

/**
 * The laws of Kaplan et al. 2020 (arXiv 2001.08361, equations 1.1 to 1.3): by
 * non-embedding parameters, by tokens, and by least compute in PF-days.
 */
export const KAPLAN_LAWS = {
  nonEmbedding: { scale: 8.8e13, exponent: 0.076 },
  tokens: { scale: 5.4e13, exponent: 0.095 },
  petaflopDays: { scale: 3.1e8, exponent: 0.050 },
} as const satisfies Record<string, KaplanLaw>;

/** Loss by one of Kaplan's laws when all else is plenty, nats per token. */
export function kaplanLoss({ scale, exponent }: KaplanLaw, x: number): number {
  checkPositive("x", x);
  return (scale / x) ** exponent;
}
