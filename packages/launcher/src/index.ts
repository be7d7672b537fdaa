export { readLauncherConfig, type LauncherConfig } from './config.ts';
export type { Command, CommandContext } from './command.ts';
export { LauncherError } from './failure.ts';
export { homeAt, type Home } from './home/home.ts';
export { migrateSchemas } from './platform/migrate.ts';
export { startPlatform, type Platform, type PlatformOptions } from './platform/platform.ts';
export { roles, type Role, type RoleDefinition } from './roles.ts';
export { startTestStack, type TestStack } from './test-stack/test.stack.ts';
