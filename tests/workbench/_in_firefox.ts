import { useFirefox } from "./_window.ts";

useFirefox();
