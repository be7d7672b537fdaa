import { faults } from './faults/faults.ts';
import type { Suite } from './harness/proof.ts';
import { security } from './security/security.ts';

/** Every suite there is. */
export const suites: readonly Suite[] = [security, faults];
