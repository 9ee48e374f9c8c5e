import { goBuild } from '../go-build.ts';

/** actionlint, the linter of GitHub's workflows. */
export function getActionlint(): { actionlint: string } | { skipped: string } {
  return goBuild({ folder: import.meta.dirname, title: 'actionlint 1.7.12', programs: { actionlint: 'github.com/rhysd/actionlint/cmd/actionlint' } });
}
