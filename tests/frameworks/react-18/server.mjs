/** What a server that renders loads. */
export { default as React } from "react";
export { renderToString } from "react-dom/server";
export { useRedirect, useSession } from "propusk/react";
