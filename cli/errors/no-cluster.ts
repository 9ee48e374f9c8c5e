import { TodoctlError } from './todoctl-error.ts';

/** Said of an environment whose cluster was never made, or is gone: TODOCTL_NOT_DEPLOYED, with what makes it. */
export function noCluster(environment: string): TodoctlError {
  return new TodoctlError('TODOCTL_NOT_DEPLOYED', {
    message: `The environment ${environment} has no cluster yet`,
    why: 'A cluster is made by the first deploy of its environment, or before that by itself.',
    next: [`Run todoctl deploy --env ${environment}.`, `Or only make the cluster: todoctl cluster create --env ${environment}.`],
  });
}
