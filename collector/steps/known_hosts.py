"""Hosts that referer-parser's data does not know, or calls by an older name or category.

Shopping and video sites, and most of the others, are those of the source categories that Google
Analytics publishes beside its channels (https://support.google.com/analytics/answer/9756891).
"""

from typing import Final

# Category -> name -> hosts; a host stands for those below it.
KNOWN_HOSTS: Final[dict[str, dict[str, str]]] = {
    "search": {
        "Baidu": "baidu.com",
        "Brave Search": "search.brave.com",
        "Daum": "daum.net",
        "Docomo": "search.smt.docomo.ne.jp",
        "Google": "com.google.android.googlequicksearchbox",
        "Kagi": "kagi.com",
        "MSN": "msn.com",
        "Naver": "naver.com",
        "Onet": "onet.pl",
        "Qwant": "qwant.com",
        "Rambler": "rambler.ru",
        "Seznam": "seznam.cz",
        "Sogou": "sogou.com",
        "Startpage": "startpage.com",
    },
    "social": {
        "Bluesky": "bsky.app",
        "Discord": "discord.com",
        "Flipboard": "flipboard.com",
        "Glassdoor": "glassdoor.com",
        "LINE": "line.me",
        "Lobsters": "lobste.rs",
        "Mastodon": "mastodon.social",
        "Medium": "medium.com",
        "Messenger": "messenger.com",
        "Naver Blog": "blog.naver.com m.blog.naver.com cafe.naver.com m.cafe.naver.com",
        "Pinterest": "pinterest.at pinterest.ca pinterest.ch pinterest.cl pinterest.co.kr "
        "pinterest.co.uk pinterest.com pinterest.com.au pinterest.com.mx pinterest.de "
        "pinterest.es pinterest.fr pinterest.it pinterest.jp pinterest.nz pinterest.pt "
        "pinterest.se",
        "ResearchGate": "researchgate.net",
        "Slashdot": "slashdot.org",
        "SlideShare": "slideshare.net",
        "SmartNews": "smartnews.com",
        "Snapchat": "snapchat.com",
        "Telegram": "t.me",
        "Threads": "threads.net threads.com",
        "TikTok": "tiktok.com",
        "Tripadvisor": "tripadvisor.com",
        "Trustpilot": "trustpilot.com",
        "Twitter": "x.com",
        "WeChat": "wechat.com",
        "WhatsApp": "whatsapp.com",
        "WordPress": "wordpress.com wordpress.org",
        "XING": "xing.com",
        "Yelp": "yelp.com yelp.co.uk",
        "Zalo": "chat.zalo.me",
    },
    "video": {
        "Crackle": "crackle.com",
        "CuriosityStream": "curiositystream.com",
        "Dailymotion": "dailymotion.com",
        "Disney+": "disneyplus.com",
        "DTube": "d.tube",
        "Hulu": "hulu.com",
        "iQIYI": "iqiyi.com iq.com",
        "Netflix": "netflix.com",
        "TED": "ted.com",
        "Twitch": "twitch.tv justin.tv",
        "Utreon": "utreon.com",
        "Veoh": "veoh.com",
        "Vimeo": "vimeo.com",
        "Wistia": "wistia.com wistia.net",
        "Youku": "youku.com",
        "YouTube": "youtube.com youtu.be",
    },
    "shopping": {
        "Alibaba": "alibaba.com",
        "AliExpress": "aliexpress.com",
        "Amazon": "amazon.com amazon.ae amazon.ca amazon.co.jp amazon.co.uk amazon.com.au "
        "amazon.com.be amazon.com.br amazon.com.mx amazon.com.tr amazon.de amazon.es amazon.fr "
        "amazon.in amazon.it amazon.nl amazon.pl amazon.se amazon.sg amazon-adsystem.com",
        "eBay": "ebay.com ebay.at ebay.ca ebay.ch ebay.co.uk ebay.com.au ebay.de ebay.es ebay.fr "
        "ebay.ie ebay.it ebay.nl ebay.pl",
        "Etsy": "etsy.com",
        "Google Shopping": "shopping.google.com",
        "IGShopping": "",
        "Mercado Libre": "mercadolibre.com mercadolibre.com.ar mercadolibre.com.mx",
        "Naver Shopping": "shopping.naver.com",
        "Shop": "shop.app",
        "Shopify": "shopify.com",
        "Shopping.net": "nl.shopping.net no.shopping.net se.shopping.net uk.shopping.net",
        "Shopzilla": "shopzilla.com",
        "SimplyCodes": "simplycodes.com",
        "Stripe": "stripe.com",
        "Walmart": "walmart.com",
        "Yahoo! Shopping": "shopping.yahoo.com shopping.yahoo.co.jp",
    },
    "email": {
        "Gmail": "mail.google.com com.google.android.gm",
    },
    "ai": {
        "ChatGPT": "chatgpt.com chat.openai.com",
        "Claude": "claude.ai",
        "Copilot": "copilot.microsoft.com",
        "DeepSeek": "chat.deepseek.com",
        "Gemini": "gemini.google.com bard.google.com",
        "Grok": "grok.com",
        "Le Chat": "chat.mistral.ai",
        "Meta AI": "meta.ai",
        "Perplexity": "perplexity.ai",
        "Poe": "poe.com",
        "You.com": "you.com",
    },
}
