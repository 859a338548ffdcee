/// The style sheet and the script of charts.
package enum ChartStyle {
    /// Goes after ``PageStyle/common``, whose colours it uses.
    package static let style = """
        .chart{margin:0 0 34px;padding:0;min-width:0}
        .charts{display:grid;grid-template-columns:1fr 1fr;gap:0 44px}
        .charts>.wide{grid-column:1/-1}
        @media (max-width:860px){.charts{grid-template-columns:minmax(0,1fr)}}
        figcaption{font-weight:600;margin-bottom:6px}
        .legend{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;margin:0 0 8px;padding:0;
        font-size:13px;color:var(--soft)}
        .legend li{display:flex;align-items:center;gap:7px;overflow-wrap:anywhere}.key{flex:none}
        .plot{position:relative;padding:10px 12px 42px 58px}
        .scatter .plot{padding-top:28px}
        .bars .plot{padding:4px 104px 42px 12px}
        .plot svg{display:block;pointer-events:none}
        .plot text{font-size:12px;fill:var(--soft);font-variant-numeric:tabular-nums}
        .ty{text-anchor:end}.tx{text-anchor:middle}.name{text-anchor:end}.up{text-anchor:start}
        .plot .row{font-size:13px;fill:var(--ink)}.plot .value{fill:var(--ink)}
        .plot .end{display:none;font-weight:600}
        @media (min-width:861px){.wide .named .plot{padding-right:166px}.wide .end{display:block}}
        .grid{stroke:var(--line)}.axis{stroke:var(--quiet)}.zero{stroke:var(--soft)}
        .reference{stroke:var(--soft);stroke-dasharray:4 4}
        .line,.back{fill:none;vector-effect:non-scaling-stroke;stroke:currentColor}
        .line{stroke-width:2;stroke-linejoin:round}.back{stroke-width:1;opacity:.4}
        .mark{fill:currentColor;stroke:var(--paper)}
        .point{fill:currentColor;fill-opacity:.75;stroke:var(--paper);stroke-width:.7;pointer-events:auto}
        .open{fill:var(--paper);stroke:currentColor;stroke-width:1.5}
        .bar{fill:currentColor;stroke:currentColor;stroke-width:1.5}.f1,.f2{fill:none}
        .f2{stroke-dasharray:4 3}
        .single{fill:var(--paper);stroke:var(--ink)}.spread{stroke:var(--ink);stroke-width:1.5}
        .s0{color:var(--a)}.s1{color:var(--b)}.s2{color:var(--c)}.s3{color:var(--e)}.s4{color:var(--f)}
        .s5{color:var(--g)}.s6{color:var(--lost)}.s7{color:var(--h)}
        .plot .end{fill:currentColor}
        details{margin-top:4px;font-size:13px}summary{color:var(--soft);cursor:pointer;width:fit-content}
        .scroll{max-height:320px;overflow:auto;margin-top:6px;border:1px solid var(--line);border-radius:6px}
        .scroll th,.scroll td{padding:3px 12px;text-align:right;white-space:nowrap}
        .scroll th:first-child{text-align:left;font-weight:400}
        .scroll thead th{position:sticky;top:0;background:var(--card);font-weight:600}
        .cursor{position:absolute;top:10px;width:1px;background:var(--soft);pointer-events:none}
        .reading{position:absolute;top:0;z-index:2;background:var(--ink);color:var(--paper);border-radius:6px;
        padding:3px 9px;font-size:12px;pointer-events:none;white-space:pre;font-variant-numeric:tabular-nums}
        @media (forced-colors:active){.line,.back,.bar,.mark,.point{forced-color-adjust:none}}
        @media print{details{display:none}body{max-width:none}}
        """

    /// Reads values off line charts, with the pointer or with the arrow keys.
    ///
    /// The values come from the table of the chart, so that without scripts nothing is lost.
    package static let script = """
        "use strict";
        for(const figure of document.querySelectorAll(".chart.lines")){
          const plot=figure.querySelector(".plot"),table=figure.querySelector("table");
          const names=[...table.tHead.rows[0].cells].map(cell=>cell.textContent);
          const rows=[...table.tBodies[0].rows].map(row=>[...row.cells].map(cell=>cell.textContent));
          const from=Number(plot.dataset.from),to=Number(plot.dataset.to);
          const drawing=plot.querySelector("svg");
          const cursor=document.createElement("div"),reading=document.createElement("div");
          cursor.className="cursor";reading.className="reading";
          reading.setAttribute("role","status");
          cursor.hidden=reading.hidden=true;
          plot.append(cursor,reading);
          plot.tabIndex=0;
          plot.setAttribute("role","group");
          plot.setAttribute("aria-label",figure.querySelector("figcaption").textContent
            +": arrow keys read values");
          let current=-1;
          const show=index=>{
            current=Math.max(0,Math.min(rows.length-1,index));
            const row=rows[current],box=drawing.getBoundingClientRect(),outer=plot.getBoundingClientRect();
            const share=to===from?0:(Number(row[0])-from)/(to-from);
            const left=box.left-outer.left+share*box.width;
            cursor.style.left=left+"px";
            cursor.style.height=box.height+"px";
            reading.textContent=names.map((name,column)=>name+" "+row[column])
              .filter((text,column)=>row[column]!=="–").join("\\n");
            cursor.hidden=reading.hidden=false;
            const width=reading.getBoundingClientRect().width,right=left+10+width;
            reading.style.left=Math.max(0,right>outer.width?left-10-width:left+10)+"px";
          };
          const hide=()=>{cursor.hidden=reading.hidden=true;current=-1;};
          plot.addEventListener("pointermove",event=>{
            const box=drawing.getBoundingClientRect();
            const x=from+(event.clientX-box.left)/box.width*(to-from);
            let best=0;
            rows.forEach((row,index)=>{
              if(Math.abs(rows[best][0]-x)>Math.abs(row[0]-x))best=index;
            });
            show(best);
          });
          plot.addEventListener("pointerleave",hide);
          plot.addEventListener("blur",hide);
          plot.addEventListener("keydown",event=>{
            const steps={ArrowRight:1,ArrowLeft:-1,PageDown:10,PageUp:-10};
            if(event.key in steps)show(current===-1?0:current+steps[event.key]);
            else if(event.key==="Home")show(0);
            else if(event.key==="End")show(rows.length-1);
            else if(event.key==="Escape")hide();
            else return;
            event.preventDefault();
          });
        }
        """
}
