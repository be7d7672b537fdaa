import { homeAt, readLauncherConfig } from '@atrium/launcher';
import { startTokenIssuer } from '@atrium/testing';
import type { BenchContext } from '../harness/scenario.ts';
import { startServers } from './servers.ts';
import { findWrk } from './wrk.ts';

/** What every scenario over HTTP starts with: the load generator, Postgres and Redis, and an issuer of tokens. */
export const setStage = async (context: BenchContext, undo: AsyncDisposableStack) => {
  const { runtimeDir } = homeAt(readLauncherConfig(context.env).home);
  const wrk = await findWrk(runtimeDir, context.say);
  const servers = await startServers(context);
  undo.defer(() => servers.stop());
  const issuer = await startTokenIssuer();
  undo.defer(() => issuer.close());
  return { runtimeDir, wrk, servers, issuer };
};
