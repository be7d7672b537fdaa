import type { Role } from '@atrium/contracts';
import { conflict, forbidden, type DomainError } from '@atrium/service-kit';

/** What somebody is in a workspace, and whether they may enter it. */
export interface Standing {
  readonly role: Role;
  readonly disabled: boolean;
}

/** A wish to change what somebody is. */
export interface MemberChange {
  readonly asker: Role;
  /** Whether the asker means themselves. */
  readonly self: boolean;
  readonly before: Standing;
  /** Undefined: no member any more. */
  readonly after: Standing | undefined;
  /** Owners besides this one who may enter. */
  readonly otherOwners: number;
}

export type MemberRefusal = 'owner_only' | 'self_disabled' | 'last_owner';

const isOwner = (standing: Standing | undefined): boolean => standing?.role === 'owner' && !standing.disabled;

/** Why a change is refused, if it is: owners are made and touched by owners only, and a workspace always has one. */
export const refusalOf = ({ asker, self, before, after, otherOwners }: MemberChange): MemberRefusal | undefined => {
  if (asker !== 'owner' && (before.role === 'owner' || after?.role === 'owner')) return 'owner_only';
  if (isOwner(before) && !isOwner(after) && otherOwners === 0) return 'last_owner';
  if (self && after?.disabled) return 'self_disabled';
  return undefined;
};

const ERRORS: Record<MemberRefusal, () => DomainError> = {
  owner_only: () => forbidden('Only an owner makes, changes or removes owners.'),
  last_owner: () =>
    conflict('member.last_owner', 'The workspace needs an owner. Make somebody else an owner of it first.'),
  self_disabled: () => conflict('member.self_disabled', 'You cannot disable yourself. Ask another administrator.'),
};

/** @throws DomainError 403 `access.forbidden`, 409 `member.last_owner` or `member.self_disabled` */
export const allowChange = (change: MemberChange): void => {
  const refusal = refusalOf(change);
  if (refusal) throw ERRORS[refusal]();
};
