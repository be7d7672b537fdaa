import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { BenchContext, Scenario } from '../../harness/scenario.ts';
import { startNginx } from '../../infra/nginx.ts';
import { gatewayReport } from './gateway.report.ts';
import { setGatewayStage, type Door } from './gateway.sides.ts';

const publicPem = async (issuer: string): Promise<string> => {
  const { keys } = (await (await fetch(`${issuer}/.well-known/jwks.json`)).json()) as { keys: JsonWebKey[] };
  const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' });
  return key.export({ type: 'spki', format: 'pem' }).toString();
};

const run = async (context: BenchContext) => {
  const { pinning, say } = context;
  await using undo = new AsyncDisposableStack();
  const { runtimeDir, issuer, address, target, ours, startNode, measure } = await setGatewayStage(context, undo);
  const peer = await startNode('./fast-gateway.child.ts', {
    PUBLIC_KEY: await publicPem(issuer.url),
    UPSTREAM: target,
  });
  const nginx = await startNginx({ runtimeDir, prefix: pinning.sut, say }, address).catch((error: unknown) =>
    String(error),
  );
  const doors: Record<string, Door> = { ours, peer };
  if (typeof nginx !== 'string') {
    undo.defer(() => nginx.stop());
    doors.floor = nginx;
  }
  const { rounds, alone } = await measure(doors, ['ours', 'peer']);
  return gatewayReport({ rounds, alone, nginxFault: typeof nginx === 'string' ? nginx : undefined });
};

export const gateway: Scenario = {
  name: 'gateway',
  summary: 'token-checked proxying of a small JSON page, 32 connections',
  run,
};
