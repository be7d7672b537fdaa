import { roles } from '@atrium/contracts';
import { pageOf, PageQuery } from '@atrium/service-kit';
import { z } from 'zod';
import type { Person } from './member.store.ts';

const Role = z.enum(roles);

/** Ids are compared with those of tokens, which are lower case. */
const Id = z.uuid().toLowerCase();
export const WorkspaceParams = z.strictObject({ id: Id });
export const MemberParams = z.strictObject({ id: Id, userId: Id });

export const ChangeMember = z.strictObject({ role: Role });

export const ListMembers = PageQuery.extend({
  /** Part of the name or the address. */
  search: z.string().trim().min(1).max(100).optional(),
  role: Role.optional(),
});

export const MemberView = z
  .object({
    userId: z.uuid(),
    name: z.string(),
    email: z.email(),
    role: Role,
    disabled: z.boolean(),
    joinedAt: z.iso.datetime(),
  })
  .meta({ id: 'Member' });
export const MemberPage = pageOf(MemberView).meta({ id: 'MemberPage' });

export const viewMember = ({ id, joinedAt, name, email, role, disabled }: Person): z.input<typeof MemberView> => ({
  userId: id,
  name,
  email,
  role,
  disabled,
  joinedAt: joinedAt.toISOString(),
});
