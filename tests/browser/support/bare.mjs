/** A page with the package and nothing else: `<script type="module">` and the files as npm has installed them. */
export const BARE = `<!doctype html><meta charset="utf-8"><title>bare</title><link rel="icon" href="data:,">
<script type="module">
import { AuthClient } from "/node_modules/propusk/dist/index.js";
window.AuthClient = AuthClient;
</script>`;
