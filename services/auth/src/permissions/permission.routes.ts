import { permissions, roles } from '@atrium/contracts';
import { route } from '@atrium/service-kit';
import { z } from 'zod';

const PermissionTable = z
  .object({
    /** Weakest first; a stronger role may all that a weaker one may. */
    roles: z.array(z.enum(roles)),
    permissions: z.array(
      z.object({
        name: z.string(),
        /** The roles that may; none for what only services may. */
        roles: z.array(z.enum(roles)),
        /** The services that may, acting for a user. */
        services: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'PermissionTable' });

const table: z.input<typeof PermissionTable> = {
  roles: [...roles],
  permissions: Object.entries(permissions).map(([name, rule]) =>
    'role' in rule
      ? { name, roles: roles.slice(roles.indexOf(rule.role)), services: [] }
      : { name, roles: [], services: [...rule.services] },
  ),
};

/** Who may do what, for programs that hide what their user may not. */
export const permissionRoutes = () => [
  route({
    method: 'get',
    path: '/auth/permissions',
    id: 'listPermissions',
    summary: 'The permission table: what every role may',
    permission: 'public',
    response: PermissionTable,
    handler: async ({ res }) => {
      res.set('cache-control', 'public, max-age=300');
      return table;
    },
  }),
];
