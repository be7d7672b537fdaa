import { createHash } from 'node:crypto';

/**
 * The id of the workspace that a request opens. A request that is sent again with its Idempotency-Key must meet its
 * first answer, which is kept in the workspace, so with a key the id follows from it (UUIDv8, RFC 9562).
 */
export const workspaceIdOf = (userId: string, key: string | undefined, newId: () => string): string => {
  if (key === undefined) return newId();
  const hex = createHash('sha256').update(`workspace ${userId} ${key}`).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
