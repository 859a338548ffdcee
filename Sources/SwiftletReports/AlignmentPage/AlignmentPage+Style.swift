extension AlignmentPage {
    /// The style of what only this page has.
    static let style = """
        h1 span{display:block}.na{color:var(--a)}.nb{color:var(--b)}
        h1 b{display:inline-block;width:1.25em;font-weight:400;opacity:.7}
        .sides th,.sizes th{text-align:left;font-weight:400;padding:5px 10px 5px 0;white-space:nowrap}
        .sides td,.sizes td{text-align:right;padding:5px 0 5px 10px}
        .sides thead th{text-align:right;font-weight:600;padding-left:10px;padding-right:0}
        .sides tr+tr,.sides tbody tr,.sizes tr+tr{border-top:1px solid var(--line)}
        .sizes th{width:1%}.sizes td{width:1%}.sizes .bar{width:auto;padding-left:16px}
        .bar i{display:block;height:9px;border-radius:5px;background:var(--quiet)}.bar .more{background:var(--d)}
        #texts thead th{position:sticky;top:0;background:var(--paper);padding:0;text-align:right;z-index:2}
        #texts thead th:first-child{text-align:left}
        button[aria-sort=ascending]::after{content:" ↑"}button[aria-sort=descending]::after{content:" ↓"}
        #texts{table-layout:fixed}#texts th:nth-child(n+7){width:15%}
        .figures td{text-align:right;padding:9px 10px 0;font-size:13px;color:var(--soft);white-space:nowrap}
        .figures td:first-child{text-align:left;color:var(--ink);font-weight:600;max-width:16em;overflow:hidden;
        text-overflow:ellipsis}
        #texts tbody{border-top:1px solid var(--line)}#texts td[colspan]{padding:6px 10px 16px}
        #tip{position:fixed;z-index:9;max-width:min(560px,90vw);background:var(--ink);color:var(--paper);
        border-radius:8px;padding:8px 12px;font:13px/1.5 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;
        pointer-events:none;overflow-wrap:anywhere;box-shadow:0 6px 24px #0004}
        #tip div{display:grid;grid-template-columns:3.4em 1fr}#tip b{font-weight:600;opacity:.65}
        """
}
