import type { Platform } from '../definition/platform.ts';
import { daprArtefacts } from '../systems/dapr.ts';
import { labelsOf } from '../systems/names.ts';
import { header } from './header.ts';
import { openTemplates, type Templates } from './templates.ts';

/** A file that the local environment is made of. */
export interface RenderedFile {
  /** Relative, without folders: `component-pubsub.yaml`. */
  path: string;
  text: string;
}

/**
 * The Dapr files of the local environment, for the embedded sidecar and for a real daprd. Pure but for reading the templates:
 * the same platform gives the same bytes. Holds no secret and nothing that is learnt at run time; those are reached by secretKeyRef.
 * Errors: TODOCTL_TEMPLATE_BROKEN.
 */
export function renderDapr(platform: Platform, templates: Templates = openTemplates()): RenderedFile[] {
  // One machine has no namespaces.
  const everywhere = { namespace: null, labels: labelsOf(platform, 'dapr') };
  return daprArtefacts(platform).map(({ file, template, view }) => ({
    path: file,
    text: `${header(file, platform, `templates/${template}`)}${templates.fill(template, { ...everywhere, ...view })}`,
  }));
}
