import { accountRoutes } from './account.ts';
import { billingRoutes } from './billing.ts';
import { accessRoutes } from './clusters/access.ts';
import { associatedRoutes } from './clusters/associated.ts';
import { nodePoolRoutes } from './clusters/node-pools.ts';
import { clusterRoutes } from './clusters/routes.ts';
import { databaseRoutes } from './databases/routes.ts';
import { topicRoutes } from './databases/topics.ts';
import { databaseUserRoutes } from './databases/users.ts';
import { domainRoutes } from './domains.ts';
import { loadBalancerRoutes } from './load-balancers.ts';
import { projectRoutes } from './projects.ts';
import { regionRoutes } from './regions.ts';
import { registryContentRoutes } from './registries/contents.ts';
import { registryRoutes } from './registries/routes.ts';
import type { Route } from './route.ts';
import { tagRoutes } from './tags.ts';
import { volumeRoutes } from './volumes.ts';
import { vpcRoutes } from './vpcs.ts';

/** All that the simulated API answers. */
export const ROUTES: readonly Route[] = [
  ...accountRoutes, ...billingRoutes, ...regionRoutes, ...vpcRoutes,
  ...clusterRoutes, ...nodePoolRoutes, ...accessRoutes, ...associatedRoutes,
  ...loadBalancerRoutes, ...volumeRoutes, ...projectRoutes, ...tagRoutes, ...domainRoutes,
  ...registryRoutes, ...registryContentRoutes,
  ...databaseRoutes, ...databaseUserRoutes, ...topicRoutes,
];
