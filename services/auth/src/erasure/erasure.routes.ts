import {
  bearerToken,
  DomainError,
  forbidden,
  IdParams,
  noteAudit,
  notFound,
  outsideWorkspaces,
  route,
  type Identity,
  type RouteInput,
  type TokenVerifier,
  type Transactional,
  type ClientOf,
} from '@atrium/service-kit';
import type { SignInService } from '../accounts/sign-in.service.ts';
import type { AttemptCounter } from '../attempts/attempt.counter.ts';
import { networkOf } from '../attempts/network.ts';
import { wrongPassword } from '../emails/email.service.ts';
import { inWorkspace } from '../members/member.routes.ts';
import { WorkspaceParams } from '../members/member.schema.ts';
import type { MfaService } from '../mfa/mfa.service.ts';
import { EraseMe, EraseWorkspace, ErasureBegun, ErasureView, viewErasure } from './erasure.schema.ts';
import type { ErasureRecords, Looker } from './erasure.records.ts';
import type { Begun, ErasureService } from './erasure.service.ts';

/** Looks at the progress from one network in a minute. */
const LOOKS = 120;
const MINUTE_MS = 60_000;

type Exchange = Pick<RouteInput<undefined, undefined, undefined, 'public'>, 'req' | 'res'>;

/** Deleting an account or a workspace, and seeing how far it is: also for those who have no account any more. */
export const erasureRoutes = (parts: {
  erasing: Transactional<ErasureService>;
  records: Transactional<ErasureRecords>;
  mfa: Transactional<MfaService>;
  signIn: Pick<SignInService, 'provePassword'>;
  counter: AttemptCounter;
  clientOf: ClientOf;
  verify: TokenVerifier;
}) => {
  const { erasing, records, mfa, signIn, counter, clientOf, verify } = parts;

  /** @throws DomainError 403 without a right password or a fresh session of the person themselves */
  const prove = async (identity: Identity, password: string | undefined, { req }: Exchange): Promise<void> => {
    const { tenant, sessionId } = identity;
    if (tenant.actor !== undefined) throw forbidden('Only the person who signed in can do this.');
    await mfa.read(tenant, async (service) => {
      await service.ownSession(tenant.userId, sessionId);
      if (password === undefined) await service.requireFresh(tenant.userId, sessionId);
    });
    if (password === undefined) return;
    try {
      await signIn.provePassword(tenant.userId, password, clientOf(req));
    } catch (error) {
      throw error instanceof DomainError && error.status === 401 ? wrongPassword() : error;
    }
  };

  const answer = ({ id, token }: Begun, { res }: Exchange) => {
    const progress = `/api/v1/me/erasure/${id}`;
    res.set({ location: progress, 'cache-control': 'no-store' });
    return { id, token, progress };
  };

  const limit = async ({ req }: Exchange): Promise<void> => {
    const { count, resetMs } = await counter.take(`erasure:${networkOf(clientOf(req).ip)}`, MINUTE_MS);
    if (count <= LOOKS) return;
    const seconds = Math.max(1, Math.ceil(resetMs / 1000));
    throw new DomainError('erasure.too_many_requests', 429, `Too many requests. Try again in ${seconds} s.`, {
      headers: { 'retry-after': String(seconds) },
    });
  };

  /** Who shows a token here must show a good one. */
  const lookerOf = async ({ req }: Exchange): Promise<Looker> => {
    const token = req.get('x-erasure-token');
    if (token !== undefined || req.get('authorization') === undefined) return { token, userId: undefined };
    const { tenant } = await verify(bearerToken(req.get('authorization')));
    return { token, userId: tenant.actor === undefined ? tenant.userId : undefined };
  };

  return [
    route({
      method: 'delete',
      path: '/me',
      id: 'eraseMe',
      summary: 'Delete your account and everything of yours; needs your password or a fresh session',
      permission: 'account:erase',
      status: 202,
      body: EraseMe,
      bodyLimit: 8_192,
      answersSecret: true,
      response: ErasureBegun,
      errors: [409],
      handler: async (input) => {
        const { body, identity, tenant } = input;
        // The event has no tenant, and neither has the transaction; the record belongs to the asker's workspace.
        noteAudit({ workspaceId: tenant.workspaceId, userId: tenant.userId });
        await prove(identity, body.password, input);
        return answer(
          await erasing.run(outsideWorkspaces(), (service) => service.eraseUser(tenant.userId, body.confirm)),
          input,
        );
      },
    }),
    route({
      method: 'delete',
      path: '/workspaces/:id',
      id: 'eraseWorkspace',
      summary: 'Delete the workspace and everything in it; needs your password or a fresh session',
      permission: 'workspace:erase',
      status: 202,
      params: WorkspaceParams,
      body: EraseWorkspace,
      bodyLimit: 8_192,
      answersSecret: true,
      response: ErasureBegun,
      errors: [404, 409],
      handler: async (input) => {
        const { body, identity, tenant, params } = input;
        inWorkspace(tenant, params.id);
        // The event has no tenant, and neither has the transaction; the record belongs to the asker's workspace.
        noteAudit({ workspaceId: tenant.workspaceId, userId: tenant.userId });
        await prove(identity, body.password, input);
        return answer(
          await erasing.run(outsideWorkspaces(), (service) =>
            service.eraseWorkspace(params.id, tenant.userId, body.confirm),
          ),
          input,
        );
      },
    }),
    route({
      method: 'get',
      path: '/me/erasure/:id',
      id: 'readErasure',
      summary:
        'How far an erasure is, and its certificate; with its token in X-Erasure-Token, or as who deleted a workspace',
      permission: 'public',
      params: IdParams,
      response: ErasureView,
      errors: [404],
      handler: async (input) => {
        await limit(input);
        const { id } = input.params;
        input.res.set('cache-control', 'no-store');
        const looker = await lookerOf(input);
        const seen = await records.read(outsideWorkspaces(), (service) => service.look(id, looker));
        return seen ? viewErasure(seen.erasure, seen.reports) : notFound('erasure', id);
      },
    }),
  ];
};
