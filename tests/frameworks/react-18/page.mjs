/** What a page loads besides; React looks for the page when it is loaded. */
export { createRoot, hydrateRoot } from "react-dom/client";
