import type { Suite } from '../harness/proof.ts';
import { idempotency } from './r22-idempotency.ts';

/** What becomes of the work while its parts fail. */
export const faults: Suite = {
  name: 'faults',
  summary: 'lost replies, crashes and repeats',
  proofs: [idempotency],
};
