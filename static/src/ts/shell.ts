// What every page needs.
import { installConfirm } from "./confirm";
import { installCopy } from "./copy";
import { installDisplay } from "./display";
import { installFilters } from "./filters";
import { installFreshness } from "./freshness";
import { installKeys } from "./keys";
import { installLanes } from "./lanes";
import { installLazy } from "./lazy";
import { installLive } from "./live";
import { installMenus } from "./menus";
import { installMorph } from "./morph";
import { installNavigation } from "./navigate";
import { installPalette } from "./palette";
import { installPanel } from "./panel";
import { installTables } from "./tables";
import { installTimes } from "./times";

installMorph();
installNavigation();
installConfirm();
installCopy();
installDisplay();
installMenus();
installFilters();
installTables();
installTimes();
installLanes();
installLazy();
// Where there is a rail somebody is, or need not be, logged in: only then is there more than a form.
if (document.getElementById("rail")) {
  installFreshness();
  installLive();
  installPanel();
  installPalette();
  installKeys();
}
