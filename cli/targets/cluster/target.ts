import type { Target, TargetGiven } from '../target.ts';
import { openGround } from './ground.ts';

/**
 * The platform in a cluster, whoever made that. Each method loads what it needs, so that `events tail` pays neither for the schema
 * library nor for templates. Errors: TODOCTL_DEFINITION_NOT_FOUND, TODOCTL_ENVIRONMENT_UNKNOWN.
 */
export async function openClusterTarget(given: TargetGiven): Promise<Target> {
  const ground = await openGround(given);
  return {
    async preflight() {
      const { preflight } = await import('./preflight.ts');
      return preflight(ground);
    },
    async where() {
      const found = await (await ground.provider()).cluster();
      return found && `${found.name} (${found.access.server.origin})`;
    },
    async deploy(selection) {
      const { deploySteps } = await import('./deploy.ts');
      return deploySteps(ground, selection);
    },
    async teardown(selection) {
      const { teardownSteps } = await import('./teardown.ts');
      return teardownSteps(ground, selection);
    },
    async resources() {
      const { findResources } = await import('./resources.ts');
      return findResources(ground);
    },
    async price() {
      const { clusterPrice } = await import('./price.ts');
      return clusterPrice(ground);
    },
    async billed() {
      const provider = await ground.provider();
      return provider.price ? provider.resources({ billed: true }) : [];
    },
    async status() {
      const { clusterStatus } = await import('./status.ts');
      return clusterStatus(ground);
    },
    async kafka(user = 'tail') {
      const { clusterKafka } = await import('./kafka.ts');
      return clusterKafka(ground, user);
    },
    async *logs(of, signal) {
      const [{ clusterLogs }, { marksOf }, kubernetes] = await Promise.all([import('./logs.ts'), import('./marks.ts'), ground.kubernetes()]);
      yield* clusterLogs(kubernetes, marksOf(ground), of, signal);
    },
    async forward(selection, signal) {
      const [{ forward }, { marksOf }, kubernetes] = await Promise.all([import('./forward.ts'), import('./marks.ts'), ground.kubernetes()]);
      return forward(kubernetes, marksOf(ground), selection, signal);
    },
    async entrance() {
      const [{ clusterEntrance, withZone }, { marksOf }, kubernetes] = await Promise.all([import('./entrance.ts'), import('./marks.ts'), ground.kubernetes()]);
      return withZone(await clusterEntrance(kubernetes, marksOf(ground)), await ground.provider());
    },
    async images() {
      const { clusterImages } = await import('./images.ts');
      return clusterImages(ground);
    },
    async registry() {
      return (await ground.provider()).registries?.();
    },
    async smoke(url) {
      const { clusterSmoke, refuseUndeployed } = await import('./smoke.ts');
      if (!url) await refuseUndeployed(ground);
      return clusterSmoke(ground, url ? { url } : {});
    },
    async revisions() {
      const [{ revisionsOf }, { marksOf }, kubernetes] = await Promise.all([import('./rollback.ts'), import('./marks.ts'), ground.kubernetes()]);
      return revisionsOf(kubernetes, marksOf(ground));
    },
    async rollback(to) {
      const { rollbackSteps } = await import('./rollback.ts');
      return rollbackSteps(ground, to);
    },
    async scale(service, to) {
      const { scaleSteps } = await import('./scale.ts');
      return scaleSteps(ground, service, to);
    },
    async diagnose() {
      const { diagnose } = await import('./diagnose/diagnose.ts');
      return diagnose(ground);
    },
  };
}
