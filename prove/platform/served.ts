import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { send } from './http.ts';
import type { Platform } from './platform.ts';

/** A route that an Express application really has. */
export interface ServedRoute {
  readonly service: string;
  readonly method: string;
  readonly path: string;
}

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}
interface Application {
  readonly router?: { readonly stack: readonly Layer[] };
}

const CHANNEL = 'http.server.request.start';

/** The server that answers at an address; Node names it to those who listen while it takes a request. */
const serverAt = async (url: string): Promise<Server> => {
  const { port } = new URL(url);
  let found: Server | undefined;
  const notice = (message: unknown): void => {
    const { server } = message as { server: Server };
    const address = server.address();
    if (typeof address === 'object' && String(address?.port) === port) found = server;
  };
  subscribe(CHANNEL, notice);
  try {
    await send(`${url}/health/live`);
  } finally {
    unsubscribe(CHANNEL, notice);
  }
  if (!found) throw new Error(`no server of this process answers at ${url}`);
  return found;
};

/** What the routers of the services hold, whatever any document says. */
export const routesServed = async (platform: Platform): Promise<ServedRoute[]> => {
  const routes: ServedRoute[] = [];
  for (const [service, url] of Object.entries(platform.urls)) {
    const server = await serverAt(url);
    for (const listener of server.listeners('request') as unknown as Application[])
      for (const { route } of listener.router?.stack ?? [])
        for (const method of Object.keys(route?.methods ?? {}))
          routes.push({ service, method: method.toUpperCase(), path: route?.path ?? '' });
  }
  return routes;
};
