import { route, type Route, type Transactional } from '@atrium/service-kit';
import { presentProfile, ProfileView, ReplaceProfile } from './profile.schema.ts';
import type { ProfileService } from './profile.service.ts';
import type { Party } from './profile.ts';

export const profileRoutes = (profile: Transactional<ProfileService>, seller: Party): Route[] => [
  route({
    method: 'get',
    path: '/billing/profile',
    id: 'readBillingProfile',
    summary: 'Read who buys, who sells, and in which currency',
    permission: 'billing:read',
    response: ProfileView,
    handler: async ({ tenant }) => presentProfile(await profile.read(tenant, (service) => service.read()), seller),
  }),
  route({
    method: 'put',
    path: '/billing/profile',
    id: 'replaceBillingProfile',
    summary: 'Say who stands on the invoices, and choose the currency before the first payment',
    permission: 'payment:write',
    body: ReplaceProfile,
    response: ProfileView,
    errors: [409],
    handler: async ({ tenant, body }) =>
      profile.run(tenant, async (service) => {
        await service.replace(body);
        return presentProfile(await service.read(), seller);
      }),
  }),
];
