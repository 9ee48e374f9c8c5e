import { accountRoutes } from './account.ts';
import { accessRoutes } from './clusters/access.ts';
import { nodePoolRoutes } from './clusters/node-pools.ts';
import { clusterRoutes } from './clusters/routes.ts';
import { regionRoutes } from './regions.ts';
import type { Route } from './route.ts';
import { vpcRoutes } from './vpcs.ts';

export const ROUTES: readonly Route[] = [...accountRoutes, ...regionRoutes, ...vpcRoutes, ...clusterRoutes, ...nodePoolRoutes, ...accessRoutes];
