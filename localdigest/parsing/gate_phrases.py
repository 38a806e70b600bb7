"""Phrases by which a page that is no article gives itself away, as data.

Each speaks to the visitor ("please", "you", an imperative), as an article about the same thing seldom does.
Case, and the form of apostrophes and white space, does not matter.
"""

from __future__ import annotations

from localdigest.records import Reason

__all__ = ["CONSENT_TERMS", "FORM_WORDS", "PHRASES", "TITLES"]

#: Whole titles, or the piece of a title before the site's name.
TITLES: tuple[tuple[Reason, tuple[str, ...]], ...] = (
    (Reason.ERROR_PAGE, (
        (
            r"(?:error\s*)?(?:404|403|500|502|503|504|410)(?:\s*[-:|–]?\s*(?:error|not found|forbidden|"
            r"page not found|file or directory not found|service.*unavailable|internal server error|"
            r"bad gateway|gateway time-?out))?"
        ),
    )),
    (Reason.ERROR_PAGE, (
        r"(?:sorry,? )?(?:the )?page (?:could )?not (?:be )?found",
        r"not found",
        r"page (?:unavailable|missing|doesn'?t exist)",
        r"file not found",
        r"oops!?",
    )),
    (Reason.ERROR_PAGE, (
        r"access (?:to this page has been )?denied",
        r"forbidden",
        r"(?:internal )?server error",
        r"service unavailable",
        r"bad gateway",
        r"attention required!?",
        r"just a moment\.*",
        r"ddos[- ]guard",
        r"security check",
        r"are you (?:a )?(?:human|robot)\??",
        r"robot check",
        r"pardon our interruption",
        r"(?:human|security) verification",
        r"verify(?:ing)? (?:that )?you are (?:a )?human",
        r"request (?:rejected|blocked)",
        r"something went wrong",
        r"error",
        r"site under maintenance",
        r"(?:down for )?maintenance",
        r"domain for sale",
        r"index of /.*",
    )),
    (Reason.ERROR_PAGE, (
        r"(?:抱歉，?)?(?:您访问的|您訪問的|你访问的|您要找的)?(?:网页|網頁|页面|頁面)(?:不存在|找不到|未找到|已刪除|已删除|无法访问|出错.*)",
        r"找不到(?:网页|網頁|页面|頁面)",
        r"安全验证",
        r"安全驗證",
        r"人机验证",
        r"访问验证",
        r"百度安全验证",
        r"系统提示",
        r"提示信息",
        r"系統維護中?",
        r"访问被拒绝",
    )),
    (Reason.ERROR_PAGE, (
        r"seite nicht gefunden",
        r"page (?:non trouvée|introuvable)",
        r"página no encontrada",
        r"página não encontrada",
        r"pagina non trovata",
        r"pagina niet gevonden",
        r"zugriff verweigert",
        r"accès refusé",
        r"acceso denegado",
    )),
    (Reason.LOGIN_WALL, (
        r"(?:please )?(?:log ?in|sign ?in|log ?on|sign up)(?: (?:required|page|to (?:your account|continue|\w+)))?",
        r"login",
        r"anmelden",
        r"einloggen",
        r"se connecter",
        r"connexion",
        r"iniciar sesión",
        r"accedi",
        r"inloggen",
        r"登入",
        r"登錄",
        r"登录",
        r"用户登录",
        r"會員登入",
        r"会员登录",
        r"請登入",
        r"请登录",
        r"登录页面",
    )),
    (Reason.CONSENT_WALL, (
        r"before you continue(?: to .*)?",
        r"(?:your )?(?:privacy|cookie|consent)(?: and cookies?)? (?:choices|settings|preferences|consent|wall)",
        r"cookie[- ]?consent",
        r"consent",
        r"we value your privacy",
        r".{0,30} is part of the .{0,40} family of brands",
        r"bevor du fortfährst.*",
        r"bevor sie (?:fortfahren|zu .* weitergehen).*",
        r"avant d'accéder à .*",
        r"antes de continuar.*",
        r"prima di continuare.*",
        r"voordat je verdergaat.*",
        r"繼續使用前須知",
        r"在您继续使用.*",
    )),
    (Reason.NEEDS_SCRIPT, (
        r"(?:please )?enable javascript(?: and cookies)?(?: to continue)?",
        r"javascript (?:is )?(?:required|disabled)",
        r"browser not supported",
        r"unsupported browser",
    )),
    (Reason.PAYWALL, (
        r"subscribe(?: to (?:read|continue).*)?",
        r"subscription required",
        r"subscriber exclusive",
    )),
)  # fmt: skip

#: Found in the text itself. The order decides where a page says several: blocks ask for JavaScript and cookies too,
#: paywalls offer the login of subscribers.
PHRASES: tuple[tuple[Reason, tuple[str, ...]], ...] = (
    (Reason.ERROR_PAGE, (
        r"(?:please )?(?:verify|confirm|prove) (?:that )?you(?: are|'re) (?:a )?(?:human|not a (?:ro)?bot)",
        r"checking (?:if the site connection is secure|your browser before)",
        r"complete the (?:security check|captcha)",
        r"unusual (?:traffic|activity) from your",
        r"our systems have detected unusual",
        r"press (?:&|and) hold to confirm",
        r"are you a robot",
        r"i'?m not a robot",
        r"performance (?:&|and) security by cloudflare",
        r"cloudflare ray id",
        r"you have been blocked",
        r"automated access to",
        r"sorry for the interruption",
        r"solve (?:this|the) captcha",
        r"pardon our interruption",
        r"client challenge",
    )),
    (Reason.ERROR_PAGE, (
        r"you don'?t have permission to (?:access|view)",
        r"access (?:to this (?:page|resource|site|server) (?:has been|is|was) )?denied",
        (
            r"your (?:ip(?: address)?|request|access) (?:has been|was|is) (?:temporarily )?(?:blocked|denied|"
            r"rejected|banned)"
        ),
        r"not available in your (?:country|region|location)",
        r"unavailable (?:in|for) (?:your|visitors from)",
        r"error 1020",
        r"403 forbidden",
        r"451[: ]+unavailable",
    )),
    (Reason.ERROR_PAGE, (
        (
            r"(?:page|article|file|content|resource|url|link|story|post) (?:that )?(?:you(?:'re| are| were|"
            r"'ve| have)? ?(?:requested|looking for|trying to (?:reach|access|view|find)|followed|"
            r"are looking for)?,? ?)?(?:you requested )?(?:could not|cannot|can't|can ?not|couldn'?t|was not|"
            r"wasn't|is not|isn't|has not been|not) (?:be )?(?:found|available|located|exist)"
        ),
        (
            r"(?:page|article|post|story|link|content) (?:you.{0,30})?(?:doesn'?t|does not|no longer|may not|"
            r"might not) (?:exist|available|be available)"
        ),
        r"(?:is|are) no longer available(?: (?:on|at) this)?",
        r"has (?:been )?(?:moved|removed|deleted|expired)(?:,| or)",
        r"error 404",
        r"404 (?:error|not found|page)",
        r"nothing (?:was )?found at this",
        r"we can'?t (?:seem to )?find the page",
        r"we couldn'?t find (?:the|that|this) page",
        r"page (?:has )?(?:moved|gone)",
        r"oops[!,.]",
    )),
    (Reason.ERROR_PAGE, (
        r"(?:an )?(?:internal |unexpected |application )?(?:server )?error (?:has )?occurred",
        r"(?:500|502|503|504) (?:internal|bad|service|gateway)",
        r"temporarily (?:unavailable|down for)",
        r"down for maintenance",
        r"under (?:scheduled )?maintenance",
        r"be right back",
        r"try (?:again|reloading|refreshing).{0,20}(?:later|page)",
        r"error establishing a database connection",
        r"too many (?:requests|redirects)",
        r"rate limit(?:ed)? exceeded",
        r"something went wrong",
        r"this account has been suspended",
        r"domain (?:name )?(?:is|may be) for sale",
        r"default web page",
        r"it works!",
    )),
    (Reason.ERROR_PAGE, (
        (
            r"(?:页面|頁面|网页|網頁|文章|内容|內容|文件|链接|連結|商品|帖子|主题|信息)[^。]{0,10}(?:不存在|找不到|已(?:被|經|经)?(?:刪除|删除|移除|下架|失效|"
            r"過期|过期)|无法(?:访问|打开|显示)|無法(?:存取|瀏覽|顯示|開啟)|走丢了|走失)"
        ),
        r"找不到(?:您|你|該|该)?[^。]{0,8}(?:页面|頁面|网页|網頁|文章|内容|內容)",
        r"(?:请|請)?(?:完成|进行|進行|通过|通過)[^。]{0,8}(?:安全|人机|人機|滑动|滑動)?(?:验证|驗證)(?:后|後|码|碼|以|，|。|$)",
        r"(?:访问|訪問|存取|操作|请求|請求)(?:过于|過於|太)?(?:频繁|頻繁)",
        r"(?:您|你)的(?:IP|訪問|访问|请求|請求)[^。]{0,12}(?:被|受到|异常|異常)",
        r"我不是(?:机器人|機器人)",
        r"(?:确认|確認|证明|證明)(?:您|你)(?:是|不是)?[^。]{0,6}(?:真人|人类|人類|机器人|機器人)",
        r"(?:系统|系統|网站|網站|服务器|伺服器)(?:正在)?(?:维护|維護|繁忙|忙碌|错误|錯誤)",
        r"拒绝访问",
        r"拒絕存取",
        r"没有权限访问",
        r"沒有權限",
        r"环境异常",
        r"環境異常",
        r"出错了",
        r"出錯了",
        r"该内容已被发布者删除",
        r"此内容因违规无法查看",
    )),
    (Reason.ERROR_PAGE, (
        r"seite (?:wurde |konnte )?(?:leider )?nicht (?:gefunden|mehr|existiert)",
        r"existiert (?:leider )?nicht",
        r"page (?:que vous .{0,40})?(?:est introuvable|n'existe (?:pas|plus)|demandée)",
        r"la página (?:que .{0,40})?(?:no (?:existe|se (?:ha encontrado|encuentra|pudo encontrar)))",
        r"a página (?:que .{0,40})?não (?:existe|foi encontrada)",
        r"la pagina (?:che .{0,40})?(?:non (?:esiste|è stata trovata|è disponibile))",
        r"pagina (?:die .{0,40})?(?:bestaat niet|niet gevonden)",
        r"wurde nicht gefunden",
        r"bestätigen sie,? dass sie (?:ein mensch|kein roboter)",
    )),
    (Reason.NEEDS_SCRIPT, (
        r"(?:please )?(?:enable|turn on|activate|allow) (?:your )?java-?script",
        (
            r"java-?script (?:is|must be|needs to be|seems to be|has been|was) (?:currently )?(?:required|"
            r"disabled|enabled|turned off|not (?:available|enabled|supported))"
        ),
        r"(?:requires?|needs?|without) java-?script",
        r"(?:doesn'?t|does not|won'?t|can'?t) (?:work|run|function|load)(?: properly)? without java-?script",
        r"java-?script to (?:run|view|use|continue|load)",
        r"your browser (?:does not|doesn'?t|is not) support(?:ed)?",
        r"(?:upgrade|update) your browser",
        r"(?:unsupported|outdated) browser",
    )),
    (Reason.NEEDS_SCRIPT, (
        r"(?:请|請)?(?:启用|啟用|開啟|开启|打开|允许|允許)[^。]{0,6}java-?script",
        r"java-?script[^。]{0,8}(?:已(?:被)?(?:禁用|停用|關閉|关闭)|未(?:启用|啟用|開啟)|功能)",
        r"(?:您|你)的(?:浏览器|瀏覽器)[^。]{0,6}(?:不支持|不支援|版本(?:过|過|太)低)",
        r"(?:升级|升級|更换|更換)[^。]{0,6}(?:浏览器|瀏覽器)",
    )),
    (Reason.NEEDS_SCRIPT, (
        r"(?:aktivieren sie|bitte aktiviere\w*)[^.]{0,20}java-?script",
        r"java-?script (?:ist )?(?:deaktiviert|aktivieren)",
        r"(?:activer|activez)[^.]{0,20}java-?script",
        r"java-?script est (?:désactivé|requis|nécessaire)",
        r"(?:activar?|active|habilit\w+)[^.]{0,20}java-?script",
        r"abilita\w*[^.]{0,20}java-?script",
        r"schakel java-?script in",
    )),
    (Reason.CONSENT_WALL, (
        r"before you continue to",
        r"we and our (?:\d[\d,. ]* )?(?:\w+ )?partners",
        r"(?:accept|allow|agree to) (?:all )?(?:the use of )?cookies to (?:continue|access|view|read|proceed)",
        r"(?:to (?:continue|access|read|view)[^.]{0,40}),? (?:please )?(?:accept|agree|consent|give your consent)",
        r"(?:accept|agree) and continue",
        r"(?:please )?(?:enable|accept|allow) cookies",
        r"your (?:consent|agreement) is (?:required|needed)",
        r"manage (?:your )?(?:consent|cookie|privacy) (?:choices|preferences|settings)",
        r"with ads? or (?:subscribe|pay)",
        r"consent or pay",
        r"you must (?:accept|agree)",
    )),
    (Reason.CONSENT_WALL, (
        r"wir und unsere (?:\d[\d. ]* )?partner",
        r"(?:stimmen sie|stimme)[^.]{0,60}(?:cookies|werbung|tracking|zu)",
        r"mit werbung (?:weiterlesen|und cookies|lesen|nutzen)",
        r"nous et nos (?:\d[\d. ]* )?partenaires",
        r"(?:accepter|acceptez)[^.]{0,40}cookies",
        r"accepter et continuer",
        r"continuer sans accepter",
        r"nosotros y nuestros (?:\d[\d. ]* )?socios",
        r"aceptar (?:y continuar|(?:todas )?las cookies)",
        r"noi e (?:i nostri )?(?:\d[\d. ]* )?(?:partner|terze parti)",
        r"accetta(?:re)? (?:e continua|(?:tutti )?i cookie)",
        r"wij en onze (?:\d[\d. ]* )?partners",
        r"cookies? accepteren",
        r"nós e (?:os )?nossos (?:\d[\d. ]* )?parceiros",
    )),
    (Reason.CONSENT_WALL, (
        r"(?:我們|我们)(?:及|和|與|与)(?:我們|我们)?的?(?:合作夥伴|合作伙伴)",
        r"(?:請|请)?(?:先)?(?:同意|接受)[^。]{0,20}(?:cookies?|隱私|隐私)[^。]{0,20}(?:繼續|继续|才能|以|後|后)",
        r"(?:繼續|继续)(?:瀏覽|浏览|使用)[^。]{0,20}(?:同意|接受)",
        r"接受所有 ?cookies?",
        r"全部接受",
        r"(?:未滿|未满)(?:十八|18)歲?岁?[^。]{0,20}(?:不得|請勿|禁止)",
        r"(?:我)?已(?:滿|满)(?:十八|18)",
    )),
    (Reason.PAYWALL, (
        (
            r"subscribe (?:now )?(?:to|for) (?:continue|keep|read(?:ing)?|access|unlock|get (?:full|"
            r"unlimited)|full access|unlimited)"
        ),
        r"(?:to|and) (?:continue|keep) reading,? (?:please )?(?:subscribe|become|sign up|start|buy|purchase|join)",
        (
            r"(?:this|the (?:full|rest of (?:this|the)?)) ?(?:article|story|content|post|report) is (?:only |"
            r"exclusively |reserved )*(?:for|available (?:only )?(?:to|for)) (?:our |paying |paid |"
            r"premium )*(?:subscribers?|members?)"
        ),
        r"(?:for|available to) (?:paid |paying |premium )?(?:subscribers|members) only",
        r"subscribers? only",
        r"members?[- ]only (?:story|content|article|post)",
        r"(?:you(?:'ve| have)) (?:reached|used|read)[^.]{0,40}(?:limit|free articles?|complimentary)",
        r"(?:free )?articles? (?:remaining|left)(?: this month)?",
        r"already a (?:paid )?(?:subscriber|member)",
        r"(?:unlock|get) (?:this|the full|full|unlimited) (?:article|story|access)",
        r"start (?:your )?(?:free )?trial",
        r"become a (?:paid |premium )?(?:subscriber|member) (?:to|and|for)",
        r"this (?:post|article) is for pa(?:id|ying) subscribers",
        r"keep reading (?:with|for)",
        r"(?:read|view) the full (?:article|story) (?:with|by) (?:a )?(?:subscri|sign)",
        r"purchase (?:a subscription|this article)",
        r"choose (?:a|your) (?:plan|subscription)",
    )),
    (Reason.PAYWALL, (
        r"(?:本文|此文|全文|這篇|这篇|以下|本篇|剩餘|剩余|完整)[^。]{0,16}(?:訂閱|订阅|付費|付费|會員|会员|VIP|購買|购买)",
        r"(?:訂閱|订阅|付費|付费|加入會員|成为会员|開通|开通|購買|购买)[^。]{0,12}(?:閱讀|阅读|解鎖|解锁|查看|觀看|继续|繼續)(?:全文|更多|完整|內容|内容|本文)?",
        r"(?:閱讀|阅读|解鎖|解锁|查看|繼續閱讀|继续阅读)[^。]{0,10}(?:請|请|需|須)[^。]{0,6}(?:訂閱|订阅|付費|付费|購買|购买)",
        r"(?:限|僅限|仅限|專屬|专属|獨享)[^。]{0,6}(?:訂戶|订户|訂閱|付費|付费|會員|会员)",
        r"(?:會員|会员|訂戶|订户|付費|付费)(?:專屬|专属|限定|獨享)",
        r"免費(?:閱讀|文章)?(?:篇數|額度|次數)?[^。]{0,6}(?:已用完|用完|已達|上限)",
        r"剩余\d+%未读",
    )),
    (Reason.PAYWALL, (
        r"(?:jetzt )?(?:abonnieren|abo (?:abschließen|testen|bestellen))",
        r"(?:nur|exklusiv) für abonnenten",
        r"weiterlesen mit",
        r"(?:cet article|la suite) (?:de cet article )?(?:est|vous est) réservée?",
        r"réservée? aux abonnés",
        r"abonnez-vous (?:pour|dès|à partir)",
        r"(?:contenido|artículo) (?:exclusivo|solo) para (?:los )?suscriptores",
        r"suscríbete (?:para|por|y)",
        r"(?:contenuto|articolo) riservato agli abbonati",
        r"abbonati (?:per|a|ora)",
        r"exclusief voor abonnees",
        r"exclusivo para assinantes",
        r"assine (?:para|já)",
    )),
    (Reason.LOGIN_WALL, (
        (
            r"(?:please |you (?:must|need to|have to) (?:be )?|must be )(?:log(?:ged)? ?-?(?:in|on)|"
            r"sign(?:ed)? ?-?in|register(?:ed)?|create an account|authenticate)"
        ),
        (
            r"(?:log ?-?in|sign ?-?in|sign ?-?up|register|join|create (?:an|"
            r"a free) account) (?:or (?:register|sign ?up|join|create an account|log in|"
            r"sign in) )?(?:now )?(?:to|for free to) (?:continue|view|read|see|access|proceed|unlock|join|"
            r"keep|get|your)"
        ),
        (
            r"this (?:content|page|post|group|account) is (?:private|only available to (?:registered|logged)|"
            r"for (?:registered|members))"
        ),
        r"log (?:in|into) (?:to )?(?:facebook|instagram|x|twitter|linkedin)",
        r"see more (?:of|from|on) .{0,40}(?:log ?in|facebook)",
        r"enter your (?:password|email (?:address )?and password)",
    )),
    (Reason.LOGIN_WALL, (
        r"(?:請|请|需要?|須|必须|必須)(?:先|您先|你先|要)?(?:登入|登錄|登录|登陆|注册|註冊)",
        r"(?:登入|登錄|登录|登陆|注册|註冊)(?:後|后|以|才能|才可|即可|之後|之后)[^。]{0,4}(?:查看|瀏覽|浏览|閱讀|阅读|继续|繼續|觀看|观看|可|能)",
        r"(?:您|你)(?:还|還|尚)?(?:没有|沒有|未)(?:登录|登入|登錄|登陆)",
        r"(?:僅|仅|只)(?:限|供|對|对)?(?:註冊|注册|登入|登录)?(?:會員|会员|用户|用戶|好友)(?:可|才|能)?(?:查看|瀏覽|浏览|閱讀|阅读)",
    )),
    (Reason.LOGIN_WALL, (
        r"(?:bitte )?(?:melden sie sich|melde dich|loggen sie sich)[^.]{0,20}(?:an|ein)",
        r"(?:connectez-vous|identifiez-vous|inscrivez-vous)(?: pour| à| ou)",
        r"(?:inicia|inicie) sesión (?:para|o)",
        r"accedi (?:per|o)",
        r"(?:log|meld je) (?:in|aan) om",
        r"faça login para",
    )),
)  # fmt: skip

#: Words of a login form: they stand beside articles too, so they tell something only where there is hardly any text.
FORM_WORDS = (
    r"(?:don't|do not|dont) have an account",
    r"already have an account",
    r"forgot(?:ten)? (?:your )?(?:password|account)",
    r"remember me",
    r"keep me (?:logged|signed) in",
    r"(?:忘記|忘记)(?:了)?(?:密碼|密码)",
    r"(?:還|还)?(?:沒有|没有)(?:帳號|帐号|账号|帳戶|账户)",
    r"记住我",
    r"記住我",
    r"扫码登录",
    r"掃碼登入",
    r"passwort vergessen",
    r"mot de passe oublié",
    r"(?:olvidaste|olvidó) tu contraseña",
    r"password dimenticata",
    r"wachtwoord vergeten",
    r"esqueceu (?:a|sua) senha",
)

#: What consent pages are made of: many of these, and little else.
CONSENT_TERMS = (
    r"cookies?",
    r"consent",
    r"partners?",
    r"vendors?",
    r"legitimate interest",
    r"personali[sz]ed (?:ads?|advertising|content)",
    r"privacy policy",
    r"store and/or access",
    r"personal data",
    r"ad measurement",
    r"audience (?:research|insights)",
    r"manage (?:options|preferences|settings)",
    r"accept all",
    r"reject all",
    r"einwilligung",
    r"datenschutz\w*",
    r"zustimm\w+",
    r"consentement",
    r"données personnelles",
    r"consentimiento",
    r"隱私(?:權|政策)?",
    r"隐私(?:政策)?",
    r"合作(?:夥伴|伙伴)",
    r"個人(?:資料|化廣告)",
    r"个人(?:信息|化广告)",
    r"同意",
)  # fmt: skip
