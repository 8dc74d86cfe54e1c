/** The reference, made of the declarations that are published. */
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Application } from "typedoc";
import { ROOT } from "./pages.mjs";

/** Entries, as they are imported. */
export const ENTRIES = {
  propusk: "pkg-template/types/index.d.ts",
  "propusk/slim": "pkg-template/types/slim.d.ts",
  "propusk/node": "pkg-template/types/node.d.ts",
  "propusk/redis": "pkg-template/types/redis.d.ts",
  "propusk/messages": "pkg-template/types/messages.d.ts",
  "propusk/react": "pkg-template/types/react.d.ts",
  "propusk/vue": "pkg-template/types/vue.d.ts",
  "propusk/relay": "pkg-template/types/relay.d.ts",
  "propusk-sandbox": "sandbox/npm/index.d.ts",
};

/** @param {string} folder */
export async function reference(folder) {
  const app = await Application.bootstrapWithPlugins({
    name: "API",
    entryPoints: Object.values(ENTRIES).map((file) => join(ROOT, file)),
    tsconfig: join(ROOT, "website/tsconfig.json"),
    plugin: ["typedoc-plugin-markdown"],
    readme: "none",
    disableSources: true,
    excludePrivate: true,
    logLevel: "Warn",
    validation: { notExported: false, invalidLink: true },
    ...{
      outputFileStrategy: "modules",
      outputs: [{ name: "markdown", path: folder }],
      hideBreadcrumbs: true,
      hidePageHeader: true,
      useHTMLAnchors: true,
      useCodeBlocks: true,
      sanitizeComments: true,
      parametersFormat: "table",
      interfacePropertiesFormat: "table",
      typeDeclarationFormat: "table",
      entryFileName: "index",
    },
  });
  const project = await app.convert();
  if (!project) throw new Error("the declarations cannot be read");
  for (const module of project.children ?? []) {
    const [name] = Object.entries(ENTRIES).find(([, file]) => file.replace(/(\/index)?\.d\.ts$/, "") === module.name) ?? [];
    if (!name) throw new Error(`no entry of the packages is called ${module.name}`);
    module.name = name;
  }
  await app.generateOutputs(project);
  if (app.logger.hasErrors()) throw new Error("the reference was not made");
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith(".md")) continue;
    const path = join(folder, file);
    // Braces are braces there, and nothing that the site is to fill in.
    await writeFile(path, `::: v-pre\n${await readFile(path, "utf8")}\n:::\n`);
  }
}
