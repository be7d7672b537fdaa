import { DomainError } from '@atrium/service-kit';

/** What a person who wants to be erased is in one workspace. */
export interface Standing {
  readonly id: string;
  readonly name: string;
  /** Null for somebody who left. */
  readonly role: string | null;
  readonly others: number;
  /** Owners besides this one who may enter. */
  readonly otherOwners: number;
}

export interface Reach {
  /** Nobody else is there: these go with the person. */
  readonly workspaces: readonly string[];
  /** Others go on there. */
  readonly shared: readonly string[];
  /** Others are there, and nobody of them could run it. */
  readonly blocking: readonly Pick<Standing, 'id' | 'name'>[];
}

/** How far the erasure of a person goes; pure. */
export const reachOf = (standings: readonly Standing[]): Reach => {
  const alone = ({ role, others }: Standing): boolean => role !== null && others === 0;
  const needed = (one: Standing): boolean => one.role === 'owner' && one.others > 0 && one.otherOwners === 0;
  return {
    workspaces: standings.filter(alone).map(({ id }) => id),
    shared: standings.filter((one) => !alone(one) && !needed(one)).map(({ id }) => id),
    blocking: standings.filter(needed).map(({ id, name }) => ({ id, name })),
  };
};

/** @throws DomainError 409 `erasure.last_owner`, naming the workspaces */
export const requireNoneBlocking = ({ blocking }: Reach): void => {
  if (blocking.length === 0) return;
  const names = blocking.map(({ name }) => `“${name}”`).join(', ');
  throw new DomainError(
    'erasure.last_owner',
    409,
    `You are the only owner of ${names}, and others are there. Make somebody else an owner, or delete the workspace.`,
    { extra: { workspaces: blocking } },
  );
};
