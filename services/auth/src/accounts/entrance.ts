import type { Request, Response } from 'express';
import type { RefreshCookie } from '../sessions/refresh.cookie.ts';
import { viewUser } from '../users/user.schema.ts';
import { viewWorkspace } from '../workspaces/workspace.schema.ts';
import type { SignInService } from './sign-in.service.ts';

type Entered = Awaited<ReturnType<SignInService['login']>>;

export const viewSignedIn = ({ until: _until, ...entered }: Entered) => ({
  ...entered,
  user: viewUser(entered.user),
  workspace: viewWorkspace(entered.workspace),
});

/** Where every sign-in ends: with the refresh token in the answer, or in a cookie for a browser that asks so. */
export const createEntrance = (cookie: RefreshCookie) => ({
  /** @throws DomainError 403 `auth.foreign_origin`, `auth.csrf_missing` before anything is done, for a cookie */
  async enter(place: { cookie: boolean }, { req, res }: { req: Request; res: Response }, work: () => Promise<Entered>) {
    if (place.cookie) cookie.checkPage(req);
    const entered = await work();
    if (!place.cookie) return viewSignedIn(entered);
    const { refreshToken, ...signedIn } = viewSignedIn(entered);
    cookie.write(res, refreshToken, entered.until);
    return signedIn;
  },
});
export type Entrance = ReturnType<typeof createEntrance>;
