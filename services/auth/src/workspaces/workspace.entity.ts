import type { Role } from '@atrium/contracts';
import { EntitySchema } from 'typeorm';

/** A tenant; `workspaceId` repeats the id, so that it is protected like every other row. */
export interface Workspace {
  id: string;
  workspaceId: string;
  name: string;
  createdAt: Date;
}

export const WorkspaceEntity = new EntitySchema<Workspace>({
  name: 'Workspace',
  tableName: 'workspaces',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    name: { type: 'text' },
    createdAt: { type: 'timestamptz' },
  },
});

/** What a user is in a workspace. */
export interface Member {
  workspaceId: string;
  userId: string;
  role: Role;
  /** Since when the member may not enter this workspace; other workspaces are not touched by it. */
  disabledAt?: Date | null;
  createdAt: Date;
}

export const MemberEntity = new EntitySchema<Member>({
  name: 'Member',
  tableName: 'members',
  columns: {
    workspaceId: { type: 'uuid', primary: true },
    userId: { type: 'uuid', primary: true },
    role: { type: 'text' },
    disabledAt: { type: 'timestamptz', nullable: true },
    createdAt: { type: 'timestamptz' },
  },
});
