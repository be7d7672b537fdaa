import { createHash } from 'node:crypto';
import { serviceNames, type ErasureReport } from '@atrium/contracts';
import type { EntityManager } from 'typeorm';
import type { CertificateBody } from './erasure.certificate.ts';
import type { Standing } from './erasure.rules.ts';

/** One erasure as its table has it. */
export interface Erasure {
  readonly id: string;
  readonly scope: 'user' | 'workspace';
  readonly subjectHash: string;
  readonly tokenHash: Buffer;
  readonly requestedBy: string | null;
  readonly sealedContact: Buffer | null;
  readonly requestedAt: Date;
  readonly completedAt: Date | null;
  readonly certificate: CertificateBody | null;
  readonly sha256: string | null;
  readonly signature: string | null;
}

/** How far one service is. */
export interface Progress {
  readonly service: string;
  readonly state: 'pending' | 'erasing' | 'done';
  readonly percent: number;
  readonly report: Omit<ErasureReport, 'erasureId'> | null;
}

export const hashErasureToken = (token: string): Buffer => createHash('sha256').update(token).digest();

const COLUMNS = `id, scope, subject_hash as "subjectHash", token_hash as "tokenHash", requested_by as "requestedBy",
  sealed_contact as "sealedContact", requested_at as "requestedAt", completed_at as "completedAt", certificate, sha256,
  signature`;

/** The tables of erasures; they have no tenant, since they outlive it. */
export const createErasureStore = (manager: EntityManager) => ({
  async add(erasure: Omit<Erasure, 'completedAt' | 'certificate' | 'sha256' | 'signature'>): Promise<void> {
    const { id, scope, subjectHash, tokenHash, requestedBy, sealedContact, requestedAt } = erasure;
    await manager.query(
      `insert into erasures (id, scope, subject_hash, token_hash, requested_by, sealed_contact, requested_at)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [id, scope, subjectHash, tokenHash, requestedBy, sealedContact, requestedAt],
    );
    await manager.query(
      `insert into erasure_reports (erasure_id, service, state) select $1, unnest($2::text[]), 'pending'`,
      [id, serviceNames],
    );
  },

  async find(id: string, lock = false): Promise<Erasure | undefined> {
    const rows: Erasure[] = await manager.query(
      `select ${COLUMNS} from erasures where id = $1 ${lock ? 'for update' : ''}`,
      [id],
    );
    return rows[0];
  },

  reports: (id: string): Promise<Progress[]> =>
    manager.query(
      `select service, state, percent, report from erasure_reports where erasure_id = $1
       order by array_position($2::text[], service)`,
      [id, serviceNames],
    ),

  async progress(id: string, service: string, percent: number): Promise<void> {
    await manager.query(
      `update erasure_reports set state = 'erasing', percent = $3
       where erasure_id = $1 and service = $2 and state <> 'done'`,
      [id, service, percent],
    );
  },

  /** @returns whether every service is done now */
  async finish(service: string, { erasureId, ...report }: ErasureReport): Promise<boolean> {
    await manager.query('select from erasures where id = $1 for update', [erasureId]);
    await manager.query(
      `update erasure_reports set state = 'done', percent = 100, report = $3
       where erasure_id = $1 and service = $2 and state <> 'done'`,
      [erasureId, service, JSON.stringify(report)],
    );
    const open: unknown[] = await manager.query(
      `select 1 from erasure_reports where erasure_id = $1 and state <> 'done' limit 1`,
      [erasureId],
    );
    return open.length === 0;
  },

  async complete(id: string, at: Date, proof: { body: CertificateBody; sha256: string; signature: string }) {
    await manager.query(
      `update erasures set completed_at = $2, certificate = $3, sha256 = $4, signature = $5
       where id = $1 and completed_at is null`,
      [id, at, JSON.stringify(proof.body), proof.sha256, proof.signature],
    );
  },

  async forgetContact(id: string): Promise<void> {
    await manager.query('update erasures set sealed_contact = null where id = $1', [id]);
  },
});

/** The people and workspaces that erasures are about, inside one transaction that enters their tenants. */
export const createSubjectStore = (manager: EntityManager) => ({
  async workspacesEver(userId: string): Promise<string[]> {
    const rows: { id: string }[] = await manager.query(
      `select workspace_id as id from member_history where user_id = $1 order by 1`,
      [userId],
    );
    return rows.map(({ id }) => id);
  },

  /** What somebody is in the tenant; whoever changes its members waits. Undefined when it is gone. */
  async standing(id: string, userId: string): Promise<Standing | undefined> {
    await manager.query('select from workspaces where id = $1 and workspace_id = $1 for no key update', [id]);
    const [row]: Standing[] = await manager.query(
      `select w.id, w.name,
         (select m.role from members m where m.workspace_id = w.id and m.user_id = $2 and m.disabled_at is null) as role,
         (select count(*)::int from members m where m.workspace_id = w.id and m.user_id <> $2) as others,
         (select count(*)::int from members m where m.workspace_id = w.id and m.user_id <> $2
            and m.role = 'owner' and m.disabled_at is null) as "otherOwners"
       from workspaces w where w.id = $1 and w.workspace_id = $1`,
      [id, userId],
    );
    return row;
  },

  async memberIds(workspaceId: string): Promise<string[]> {
    const rows: { id: string }[] = await manager.query(
      `select user_id as id from members where workspace_id = $1 order by 1`,
      [workspaceId],
    );
    return rows.map(({ id }) => id);
  },

  /** Lets somebody go on in another workspace of theirs; a session that has nowhere to go ends. */
  async leaveWith(userId: string, workspaceId: string): Promise<void> {
    await manager.query(
      `with other as (
         select workspace_id from members
         where user_id = $1 and workspace_id <> $2 and disabled_at is null order by created_at, workspace_id limit 1)
       update sessions s set workspace_id = other.workspace_id from other
       where s.user_id = $1 and s.workspace_id = $2 and s.revoked_at is null`,
      [userId, workspaceId],
    );
    await manager.query(
      `update sessions set revoked_at = now(), revoked_reason = 'access_lost'
       where user_id = $1 and workspace_id = $2 and revoked_at is null`,
      [userId, workspaceId],
    );
  },

  async markWorkspace(id: string): Promise<void> {
    await manager.query('update workspaces set erasing_at = now() where id = $1 and workspace_id = $1', [id]);
  },

  /** Takes from an account what lets anybody in, and frees its address. */
  async markUser(id: string): Promise<void> {
    await manager.query(
      `update users set email = $2, name = 'Erased', password_hash = '', disabled_at = now(), erasing_at = now()
       where id = $1`,
      [id, `${id}@erased.invalid`],
    );
  },

  /** Removes what lets somebody in without a password, and what is found by an address only, while it is known. @returns how many, by kind */
  async removeEntrances(userId: string, email: string): Promise<Record<string, number>> {
    const remove = async (sql: string, values: unknown[]): Promise<number> =>
      (await manager.query<[unknown, number]>(sql, values))[1];
    return {
      invitations: await remove('delete from invitations where email = $1', [email]),
      jobs: await remove(`delete from jobs where payload->>'email' = $1`, [email]),
      passkeys: await remove('delete from passkeys where user_id = $1', [userId]),
      external_identities: await remove('delete from external_identities where user_id = $1', [userId]),
    };
  },

  async removeMembers(workspaceId: string): Promise<number> {
    const sql = 'delete from members where workspace_id = $1';
    return (await manager.query<[unknown, number]>(sql, [workspaceId]))[1];
  },
});
