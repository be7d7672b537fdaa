import type { Suite } from '../harness/proof.ts';
import { tenantMatrix } from './s01-tenant-matrix.ts';
import { roleMatrix } from './s02-role-matrix.ts';
import { fields } from './s03-fields.ts';
import { revocation } from './s04-revocation.ts';
import { headers } from './s06-headers.ts';
import { tokens } from './s08-tokens.ts';
import { refreshing } from './s09-refresh.ts';
import { oauth } from './s10-oauth.ts';
import { passwords } from './s11-passwords.ts';
import { guessing } from './s12-guessing.ts';
import { storedHashes } from './s13-stored-hashes.ts';
import { audit } from './s19-audit.ts';
import { money } from './s22-money.ts';
import { routes } from './s23-routes.ts';
import { catalogue } from './i01-catalogue.ts';
import { poolLeak } from './i02-pool-leak.ts';
import { predicates } from './i03-predicates.ts';

/** Who may do what, and how hard it is to do more. */
export const security: Suite = {
  name: 'security',
  summary: 'isolation, tokens, sessions, passwords and roles under attack',
  proofs: [
    ...[tenantMatrix, roleMatrix, fields, revocation, headers, tokens, refreshing, oauth, passwords, guessing],
    ...[storedHashes, audit, money, routes, catalogue, poolLeak, predicates],
  ],
};
