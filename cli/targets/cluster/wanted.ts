import type { Platform } from '../../definition/platform.ts';
import { sourceTags } from '../../images/source-tags.ts';
import { renderEnvironment } from '../../render/environment.ts';
import type { Rendered } from '../../render/rendered.ts';
import { openTemplates } from '../../render/templates.ts';
import { SYSTEMS } from '../../systems/all.ts';
import { type Active, systemsOf } from '../../systems/environment.ts';
import type { System, Tags } from '../../systems/system.ts';
import { type Desired, desiredOf } from './compare/desired.ts';

/** Everything that an environment is to have. */
export interface Wanted {
  platform: Platform;
  /** Tag of each service's image. */
  tags: Tags;
  /** What the environment has of each system, in the order of their needs. */
  systems: readonly Active[];
  files: readonly Rendered[];
  desired: Desired;
}

/** Renders the environment, without what is not for its cluster: pipelines, Terraform, Compose. Errors: TODOCTL_TEMPLATE_BROKEN. */
export async function wantedOf(platform: Platform): Promise<Wanted> {
  const tags = await sourceTags(platform.root, platform.services.map(({ name }) => name));
  const systems = systemsOf(platform, SYSTEMS, tags);
  const files = renderEnvironment(platform, SYSTEMS.map(withoutFiles), tags, openTemplates());
  return { platform, tags, systems, files, desired: desiredOf(platform, files, systems) };
}

function withoutFiles(system: System): System {
  return {
    ...system,
    parts: (platform, tags) => {
      const parts = system.parts(platform, tags);
      return parts?.artefacts ? { ...parts, artefacts: parts.artefacts.filter(({ owner }) => owner !== 'file') } : parts;
    },
  };
}
