/// The style that all pages share, light or dark as the reader's system prefers.
package enum PageStyle {
    /// Colours, type, headings, facts and tables.
    ///
    /// `--a`…`--h` distinguish series; each has a contrast of at least 3 to the background.
    package static let common = """
        :root{--paper:#fbfaf7;--card:#fff;--ink:#23211d;--soft:#6f6a60;--line:#e4e0d6;--quiet:#cfcabd;
        --a:#2f6fb3;--a2:#7fb0de;--b:#c2571a;--b2:#eba673;--c:#2b8a5e;--d:#d8a413;--e:#8a4fb0;--f:#0f8096;
        --g:#8f6d00;--h:#6f6a60;--tint:#fdf1c9;--lost:#c02942;--losttint:#fbdfe3}
        @media (prefers-color-scheme:dark){:root{--paper:#16181b;--card:#1e2125;--ink:#e8e4da;--soft:#9a958a;
        --line:#32363b;--quiet:#4a4e54;--a:#6aaef0;--a2:#39709f;--b:#f0955a;--b2:#a35a2a;--c:#5fcf9a;--d:#c3a03c;
        --e:#c79bea;--f:#4fc3d8;--g:#d8b13c;--h:#a9a498;--tint:#3d3720;--lost:#ff6b81;--losttint:#4a2229}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:1120px;padding:36px 28px 80px;background:var(--paper);color:var(--ink);
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
        @media (max-width:560px){body{padding:24px 16px 60px}}
        h1{font-size:30px;line-height:1.2;margin:0;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}
        h2{font-size:13px;font-weight:600;color:var(--soft);margin:0 0 10px}
        .lead{margin:8px 0 22px;max-width:88ch;color:var(--soft)}
        .facts{display:flex;flex-wrap:wrap;gap:12px;list-style:none;margin:0 0 28px;padding:0}
        .facts li{flex:1 1 150px;background:var(--card);border:1px solid var(--line);border-radius:10px;
        padding:12px 16px;color:var(--soft);font-size:13px}
        .facts b{display:block;font-size:26px;font-weight:600;line-height:1.25;color:var(--ink);
        font-variant-numeric:tabular-nums;overflow-wrap:anywhere}.facts .bad b,td.bad{color:var(--lost)}
        .two{display:grid;grid-template-columns:1fr 1fr;gap:36px;margin-bottom:34px}
        @media (max-width:760px){.two{grid-template-columns:1fr}}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        .note{color:var(--soft);font-size:13px;margin:8px 0 0}
        button{all:unset;cursor:pointer;color:var(--soft);font-size:13px;padding:8px 10px;white-space:nowrap}
        button:hover,button[aria-sort]{color:var(--ink)}
        :focus-visible{outline:2px solid var(--a);outline-offset:2px}

        """
}
