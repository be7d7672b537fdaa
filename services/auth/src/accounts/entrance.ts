import type { Request, Response } from 'express';
import { DEVICE_SECONDS } from '../attempts/device.token.ts';
import { createHostCookie } from '../sessions/host.cookie.ts';
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

/** Where every sign-in ends: with its tokens in the answer, or in cookies for a browser that asks so. */
export const createEntrance = (cookie: RefreshCookie) => {
  const device = createHostCookie('__Host-atrium_device');
  /** Keeps the tokens of a sign-in in cookies. */
  const keep = (
    res: Response,
    { refreshToken, deviceToken, until }: Pick<Entered, 'refreshToken' | 'deviceToken' | 'until'>,
  ): void => {
    cookie.write(res, refreshToken, until);
    device.write(res, deviceToken, DEVICE_SECONDS);
  };
  return {
    /** The device's token in its cookie, if there is one. */
    deviceOf: device.read,
    keep,
    /** @throws DomainError 403 `auth.foreign_origin`, `auth.csrf_missing` before anything is done, for a cookie */
    async enter(
      place: { cookie: boolean },
      { req, res }: { req: Request; res: Response },
      work: () => Promise<Entered>,
    ) {
      if (place.cookie) cookie.checkPage(req);
      const entered = await work();
      if (!place.cookie) return viewSignedIn(entered);
      const { refreshToken: _refresh, deviceToken: _device, ...signedIn } = viewSignedIn(entered);
      keep(res, entered);
      return signedIn;
    },
  };
};
export type Entrance = ReturnType<typeof createEntrance>;
