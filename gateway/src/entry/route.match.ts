import type { GatewayRoute } from '../routes.table.ts';

/** The route of a request, or undefined when no service has it. */
export type MatchRoute = (method: string, path: string) => GatewayRoute | undefined;

const VERSION = '/api/v1/';

const placeOf = (path: string): string => {
  if (!path.startsWith(VERSION)) return path;
  const end = path.indexOf('/', VERSION.length);
  return end < 0 ? path.slice(VERSION.length) : path.slice(VERSION.length, end);
};

/** Services take a path in any case and with a slash at its end; a rule about one path must hold for all of these. */
const isSamePath = (path: string, own: string): boolean => {
  const length = path.endsWith('/') ? path.length - 1 : path.length;
  return length === own.length && path.slice(0, length).toLowerCase() === own;
};

const covers = (route: GatewayRoute, method: string, path: string): boolean => {
  if (route.only)
    return (method === route.only || (route.only === 'GET' && method === 'HEAD')) && isSamePath(path, route.path);
  return path.startsWith(route.path) && (path.length === route.path.length || path[route.path.length] === '/');
};

/** Prepares a table so that a request is looked up by its first segment and not by walking the list. */
export const createMatcher = (table: readonly GatewayRoute[]): MatchRoute => {
  const places = new Map<string, GatewayRoute[]>();
  for (const route of table) {
    const place = placeOf(route.path);
    const there = places.get(place) ?? [];
    there.push(route);
    // Longer paths first, and at the same place the line about one path before the line about all below it.
    there.sort((a, b) => b.path.length - a.path.length || Number(b.only !== undefined) - Number(a.only !== undefined));
    places.set(place, there);
  }
  return (method, path) => places.get(placeOf(path))?.find((route) => covers(route, method, path));
};
