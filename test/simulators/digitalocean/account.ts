import { ok, type Route, route } from './route.ts';

export const accountRoutes: readonly Route[] = [
  route('GET', '/v2/account', { scopes: ['account:read'] }, ({ world: { state: { account } } }) =>
    ok({
      account: {
        droplet_limit: account.dropletLimit, floating_ip_limit: 3, email: account.email, name: 'Ops', uuid: account.team.uuid.replaceAll('-', ''), email_verified: true,
        status: account.status, status_message: '', team: account.team,
      },
    }),
  ),
];
