/** How long a session may last, and how many a user may have. Times are milliseconds. */
export interface SessionLimits {
  /** From signing in, however much it is used; 0: no limit. */
  readonly maxAgeMs: number;
  /** Without being used. */
  readonly idleMs: number;
  /** Open sessions of one user; the one unused for longest makes room. 0: no limit. */
  readonly perUser: number;
}

/** When a session ends that is used now: by not being used, or by its age. */
export const expiryOf = (createdAt: Date, usedAt: Date, { maxAgeMs, idleMs }: SessionLimits): Date => {
  const idle = usedAt.getTime() + idleMs;
  return new Date(maxAgeMs === 0 ? idle : Math.min(idle, createdAt.getTime() + maxAgeMs));
};
