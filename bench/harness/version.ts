import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';

/**
 * The version of a package as it is installed here.
 * @param of the package whose dependency it is, when it is not our own
 */
export const versionOf = (name: string, of?: string): string => {
  const from = of === undefined ? import.meta.url : createRequire(import.meta.url).resolve(of);
  const file = findPackageJSON(name, from);
  if (file === undefined) throw new Error(`${name} is not installed`);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
};
